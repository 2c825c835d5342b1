"""The process `python -m tts`."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping

import grpc

from livetranslate.v1 import tts_pb2_grpc
from tests.fake_triton import FakeTriton, served
from tests.tts.serving import MODELS, config, next_answer, text

_SECONDS = 15  # to start Python on a busy machine


async def start(**variables: str) -> Process:
    """Start the process with these settings, and no others of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))}
    environment: Mapping[str, str] = inherited | variables
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tts", env=environment, stderr=PIPE)


async def test_without_triton_it_says_so() -> None:
    """Where Triton does not answer, the process ends with status 1 and says where it looked and what to do."""
    process = await start(LIVETRANSLATE_TRITON_URL="127.0.0.1:1", LIVETRANSLATE_TRITON_WAIT_SECONDS="0.2")
    async with asyncio.timeout(_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode == 1
    assert "Triton does not answer at 127.0.0.1:1" in errors.decode()
    assert "LIVETRANSLATE_TRITON_URL" in errors.decode()


async def test_sigterm_drains() -> None:
    """After SIGTERM a running stream may go on until it half-closes; then the process ends with status 0."""
    async with served(FakeTriton(MODELS)) as triton, asyncio.timeout(_SECONDS):
        process = await start(LIVETRANSLATE_TRITON_URL=triton, LIVETRANSLATE_TTS_LISTEN="127.0.0.1:0")
        assert process.stderr is not None
        port = json.loads(await process.stderr.readline())["port"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: tts_pb2_grpc.TtsServiceAsyncStub = tts_pb2_grpc.TtsServiceStub(channel)
            call = stub.StreamingSynthesize()
            await call.write(config())
            await call.write(text("1", ""))
            await next_answer(call)
            process.send_signal(signal.SIGTERM)
            await _until_refused(stub)
            await call.write(text("2", ""))
            assert (await next_answer(call)).audio.is_last
            await call.done_writing()
            assert await call.code() == grpc.StatusCode.OK
        await process.communicate()
    assert process.returncode == 0


async def _until_refused(stub: "tts_pb2_grpc.TtsServiceAsyncStub") -> None:
    while True:
        call = stub.StreamingSynthesize(iter([config()]))
        if await call.code() == grpc.StatusCode.UNAVAILABLE:
            return
