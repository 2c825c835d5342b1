"""The processes `python -m mt` and `python -m tts`."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from livetranslate import names
from livetranslate.v1 import mt_pb2_grpc, tts_pb2_grpc
from tests.fake_triton import AWAY, FakeTriton, served
from tests.mt import serving as mt
from tests.otlp_collector import collecting
from tests.rpc import read_all
from tests.tts import serving as tts

_SECONDS = 60  # to start Python on a busy machine


Call = grpc.aio.StreamStreamCall[Any, Any]


@dataclass(frozen=True)
class Service:
    """What the processes differ in: their name, their models, and what a client of theirs does."""

    name: str
    models: Mapping[str, Mapping[str, str]]
    open_stream: Callable[[grpc.aio.Channel, Any], Call]
    config: Any
    work: Callable[[int], Any]
    answered: Callable[[Any], str]

    def variable(self, name: str) -> str:
        return f"LIVETRANSLATE_{self.name.upper()}_{name}"


MT = Service(
    "mt",
    {"mt_test": mt.MODEL},
    lambda channel, requests: mt_pb2_grpc.MtServiceStub(channel).StreamingTranslate(requests),
    mt.config("es"),
    lambda number: mt.final(number, "one"),
    lambda answer: str(answer.revision.segment_id),
)
TTS = Service(
    "tts",
    tts.MODELS,
    lambda channel, requests: tts_pb2_grpc.TtsServiceStub(channel).StreamingSynthesize(requests),
    tts.config(),
    lambda number: tts.text(f"{number:012d}", "uno"),
    lambda answer: str(answer.audio.segment_id),
)

each_service = pytest.mark.parametrize("service", [pytest.param(MT, id="mt"), pytest.param(TTS, id="tts")])


async def start(service: Service, **variables: str) -> Process:
    """Start the process with these settings, and no others of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))}
    environment = inherited | variables
    return await asyncio.create_subprocess_exec(sys.executable, "-m", service.name, env=environment, stderr=PIPE)


@asynccontextmanager
async def running(
    service: Service, triton: FakeTriton, **variables: str
) -> AsyncIterator[tuple[Process, grpc.aio.Channel]]:
    """The process and a channel to it while the block runs, which must end the process."""
    async with asyncio.timeout(_SECONDS), served(triton) as address:
        listen = {service.variable("LISTEN"): "127.0.0.1:0"}
        process = await start(service, LIVETRANSLATE_TRITON_URL=address, **listen, **variables)
        assert process.stderr is not None
        port = json.loads(await process.stderr.readline())["port"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield process, channel
        await process.communicate()
    assert process.returncode == 0


@each_service
async def test_a_wrong_setting_is_named(service: Service) -> None:
    """Wrong variables end the process with status 2, their names, their values and what would be valid."""
    wrong = {service.variable("DRAIN_SECONDS"): "soon", service.variable("LISTEN"): "nowhere"}
    process = await start(service, **wrong)
    async with asyncio.timeout(_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert f"{service.variable('DRAIN_SECONDS')}='soon'" in errors.decode()
    assert f"{service.variable('LISTEN')}='nowhere': must be HOST:PORT" in errors.decode()


@each_service
async def test_without_triton_it_says_so(service: Service) -> None:
    """Where Triton does not answer, the process ends with status 1 and says where it looked and what to do."""
    process = await start(service, LIVETRANSLATE_TRITON_URL="127.0.0.1:1", LIVETRANSLATE_TRITON_WAIT_SECONDS="0.2")
    async with asyncio.timeout(_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert "Triton does not answer at 127.0.0.1:1" in errors.decode()
    assert "LIVETRANSLATE_TRITON_URL" in errors.decode()


@each_service
async def test_sigterm_drains(service: Service) -> None:
    """After SIGTERM a running stream may go on until it half-closes; then the process ends with status 0."""
    patient = {service.variable("DRAIN_SECONDS"): str(_SECONDS)}
    async with running(service, FakeTriton(service.models), **patient) as (process, channel):
        call: Call = service.open_stream(channel, None)
        await call.write(service.config)
        await call.write(service.work(1))
        assert service.answered(await call.read()) == f"{1:012d}"
        process.send_signal(signal.SIGTERM)
        while await service.open_stream(channel, iter([service.config])).code() != grpc.StatusCode.UNAVAILABLE:
            continue
        await call.write(service.work(2))
        await call.done_writing()
        assert f"{2:012d}" in [service.answered(answer) for answer in await read_all(call)]
        assert await call.code() == grpc.StatusCode.OK


@each_service
async def test_an_outage_of_triton_is_measured(service: Service) -> None:
    """Retries, the breaker's openings and its state reach a collector; the last of them when the process ends."""
    triton = FakeTriton(service.models)
    triton.failures.extend([AWAY] * 5)
    with collecting() as collector:
        exporting = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint}
        async with running(service, triton, **exporting) as (process, channel):
            answers = await read_all(service.open_stream(channel, iter([service.config, service.work(1)])))
            assert {service.answered(answer) for answer in answers} == {f"{1:012d}"}
            process.send_signal(signal.SIGTERM)
        newest = {(point.service, point.name): point for point in collector.points}
    assert newest[service.name, names.RETRIES].value >= 5
    assert newest[service.name, names.BREAKER_OPENINGS].value == 1
    state = newest[service.name, names.BREAKER_STATE]
    assert (state.value, state.attributes) == (0, {names.DEPENDENCY: "triton"})
