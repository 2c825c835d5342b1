"""A recognizer that is too slow for those who speak: the whole system gives way, recovers, and loses nothing."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.v1 import types_pb2
from tests.gateway.parts import NAMES, Parts
from tests.gateway.raw_session import RawSession, config
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told

MODELS = Path(__file__).parents[2] / "bench" / "models"
SLOW_SECONDS = 1.0  # for a batch of steps of 256 ms
SESSIONS = 4  # while one has a batch, the others wait
PATIENCE_SECONDS = 240
AUDIO = talk(20).tobytes()
SLEEP = """
import time
from pathlib import Path

_execute = TritonPythonModel.execute


def _slowly(self, requests):
    time.sleep(float(Path({path!r}).read_text()))
    return _execute(self, requests)


TritonPythonModel.execute = _slowly
"""


class Slowness:
    """How long the model takes for a batch, to be changed at any time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)

    def set(self, seconds: float) -> None:
        """Take so long from the next batch on."""
        changed = self.path.with_suffix(".new")
        changed.write_text(str(seconds))
        changed.rename(self.path)


@pytest.fixture(scope="module")
def slowness(tmp_path_factory: pytest.TempPathFactory) -> Slowness:
    """None at first."""
    return Slowness(tmp_path_factory.mktemp("slowness") / "seconds")


@pytest.fixture(scope="module")
def slow_triton(slowness: Slowness, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton with the engines that cost nothing, of which the recognizer takes its time."""
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(MODELS, models, dirs_exist_ok=True)
    with (models / "asr_null" / "1" / "model.py").open("a") as model:
        model.write(SLEEP.format(path=str(slowness.path)))
    server = start_triton(TritonOptions(model_repository=models, profile="null"), tmp_path_factory.mktemp("triton"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def parts(slow_triton: Triton, null_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The four services in front of it, with the bound of queues that they have by default."""
    database = Postgres.start(tmp_path_factory.mktemp("database") / "data")
    settings = {
        "LIVETRANSLATE_TRITON_URL": slow_triton.grpc_address,
        "LIVETRANSLATE_GATEWAY_QUEUE_WAIT_BOUND_MS": "500",
    }
    parts = Parts.beside(null_stack, tmp_path_factory.mktemp("parts"), database.url, settings)
    try:
        parts.start(*NAMES)
        yield parts
    finally:
        parts.stop()
        database.stop()


@asynccontextmanager
async def speaking(address: str) -> AsyncIterator[list[RawSession]]:
    """Sessions whose audio has all been sent."""
    async with AsyncExitStack() as stack:
        sessions = [await stack.enter_async_context(RawSession.opened(address, config())) for _ in range(SESSIONS)]
        for session in sessions:
            await session.send_audio(AUDIO)
        yield sessions


def steps(told: Told) -> list[int]:
    """What was said to be left out, in order."""
    return [event.notice.degradation for event in told.events if event.notice.degradation]


async def test_a_slow_recognizer_makes_the_gateway_give_way(parts: Parts, slowness: Slowness) -> None:
    """New sessions are refused, running ones told less, and all of their finals are those of a server with time."""
    async with asyncio.timeout(PATIENCE_SECONDS), AsyncClient(parts.gateway_address) as client:
        calm = await Told.of(client.translate(pieces(AUDIO), source="en", targets=["es"]))
        slowness.set(SLOW_SECONDS)
        async with speaking(parts.gateway_address) as sessions:
            await sessions[0].until(lambda told: bool(steps(told)))
            with pytest.raises(TranslateError) as refused:
                await Told.of(client.translate(pieces(AUDIO), source="en"))
            slowness.set(0)
            degraded = [await session.finish() for session in sessions]
        again = await Told.of(client.translate(pieces(AUDIO), source="en", targets=["es"], admission_seconds=120))
    assert (refused.value.code, refused.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "SERVER_BUSY")
    assert refused.value.retry_delay_seconds > 0
    assert len(calm.finals) > 2
    for told in (*degraded, again):
        assert told.finals == calm.finals
        assert told.translated("es") == list(calm.finals)
    assert [steps(told)[0] for told in degraded] == [types_pb2.DEGRADATION_WIDER_STEPS] * SESSIONS
