"""The process `python -m mt`."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping

import grpc

from livetranslate.v1 import mt_pb2, mt_pb2_grpc
from tests.fake_triton import FakeTriton, served
from tests.mt.serving import MODELS, config, final, next_revision

_SECONDS = 15  # to start Python on a busy machine


async def start(**variables: str) -> Process:
    """Start the process with these settings, and no others of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))}
    environment: Mapping[str, str] = inherited | variables
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "mt", env=environment, stderr=PIPE)


async def test_a_wrong_setting_is_named() -> None:
    """A wrong variable ends the process with status 2, its name, its value and what would be valid."""
    process = await start(LIVETRANSLATE_MT_DRAFT_INTERVAL_MS="soon", LIVETRANSLATE_MT_LISTEN="nowhere")
    async with asyncio.timeout(_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert "LIVETRANSLATE_MT_DRAFT_INTERVAL_MS='soon'" in errors.decode()
    assert "LIVETRANSLATE_MT_LISTEN='nowhere': must be HOST:PORT" in errors.decode()


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
        process = await start(LIVETRANSLATE_TRITON_URL=triton, LIVETRANSLATE_MT_LISTEN="127.0.0.1:0")
        assert process.stderr is not None
        port = json.loads(await process.stderr.readline())["port"]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: mt_pb2_grpc.MtServiceAsyncStub = mt_pb2_grpc.MtServiceStub(channel)
            call = stub.StreamingTranslate()
            await call.write(config("es"))
            await call.write(final(1, "one"))
            await next_revision(call)
            process.send_signal(signal.SIGTERM)
            await _until_refused(stub)
            await call.write(final(2, "two"))
            assert (await next_revision(call)).committed_text == "two"
            await call.done_writing()
            assert await call.code() == grpc.StatusCode.OK
        await process.communicate()
    assert process.returncode == 0


async def _until_refused(stub: "mt_pb2_grpc.MtServiceAsyncStub") -> None:
    request = mt_pb2.TranslateTextRequest(source_language_code="en", target_language_code="es")
    while True:
        try:
            await stub.TranslateText(request)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.UNAVAILABLE:
                return
            raise
