import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest

from livetranslate.errors import BY_CODE, InvalidArgumentError, LiveTranslateError, UnavailableError
from livetranslate.interceptor import StatusInterceptor, first_error
from livetranslate.status import error_info, error_of_rpc
from tests.rpc import read_all

Respond = Callable[[], AsyncIterator[bytes]]


@asynccontextmanager
async def served(respond: Respond) -> AsyncIterator[grpc.aio.Channel]:
    """A server whose stream and whose unary call do what `respond` does."""

    async def stream(requests: AsyncIterator[bytes], _context: Any) -> AsyncIterator[bytes]:
        async for _ in requests:
            async for response in respond():
                yield response

    async def unary(_request: bytes, _context: Any) -> bytes:
        return b"".join([response async for response in respond()])

    handlers: dict[str, Any] = {
        "Stream": grpc.stream_stream_rpc_method_handler(stream),
        "Answer": grpc.unary_stream_rpc_method_handler(lambda _request, _context: respond()),
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
    }
    server = grpc.aio.server(interceptors=[StatusInterceptor()])
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Test", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(0)


async def call_stream(channel: grpc.aio.Channel) -> list[bytes]:
    rpc: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream("/test.Test/Stream")
    return await read_all(rpc(iter([b"go"])))


async def call_answer(channel: grpc.aio.Channel) -> list[bytes]:
    rpc: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream("/test.Test/Answer")
    return await read_all(rpc(b"go"))


async def call_unary(channel: grpc.aio.Channel) -> list[bytes]:
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/test.Test/Unary")
    return [await rpc(b"go")]


def raising(error: BaseException) -> Respond:
    async def respond() -> AsyncIterator[bytes]:
        yield b"first"
        raise error

    return respond


async def failure(call: Callable[[grpc.aio.Channel], Awaitable[object]], error: BaseException) -> grpc.aio.AioRpcError:
    """How a call fails whose handler raises."""
    async with served(raising(error)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await call(channel)
    return failed.value


each_call = pytest.mark.parametrize("call", [call_stream, call_answer, call_unary])


@each_call
@pytest.mark.parametrize("code", BY_CODE)
async def test_errors_become_statuses(code: str, call: Callable[[grpc.aio.Channel], Awaitable[object]]) -> None:
    """Each error arrives as its status, with reason and metadata as ErrorInfo, and becomes the same error again."""
    failed = await failure(call, BY_CODE[code]("WRONG", "It is wrong.", place="here"))
    assert failed.code().name == code
    assert failed.details() == "It is wrong."
    assert (info := error_info(failed))
    assert (info.reason, info.domain, dict(info.metadata)) == ("WRONG", "livetranslate", {"place": "here"})
    again = error_of_rpc(failed, hop="asr")
    assert type(again) is BY_CODE[code]
    assert (again.reason, again.message, again.metadata) == ("WRONG", "It is wrong.", {"place": "here"})


@each_call
async def test_the_unforeseen_keeps_its_text(call: Callable[[grpc.aio.Channel], Awaitable[object]]) -> None:
    """An unforeseen exception is INTERNAL, and its text, which may be what somebody said, stays here."""
    failed = await failure(call, ValueError("spoken words"))
    assert failed.code() is grpc.StatusCode.INTERNAL
    assert "spoken words" not in str(failed)


@each_call
async def test_the_group_tells_its_main_error(call: Callable[[grpc.aio.Channel], Awaitable[object]]) -> None:
    """Of several errors the caller's own mistake is told."""
    caller = InvalidArgumentError("MISTAKE", "A mistake.")
    group = ExceptionGroup("", [ValueError(), UnavailableError("AWAY", "Away."), ExceptionGroup("", [caller])])
    assert (info := error_info(await failure(call, group)))
    assert info.reason == "MISTAKE"


def test_the_main_error_of_a_group() -> None:
    """Ours comes before an unforeseen one; of equals the first is told."""
    ours: LiveTranslateError = UnavailableError("AWAY", "Away.")
    unforeseen = ValueError()
    assert first_error(ExceptionGroup("", [unforeseen, ours])) is ours
    assert first_error(ExceptionGroup("", [unforeseen, TypeError()])) is unforeseen


async def test_an_abandoned_stream_is_closed_in_its_own_task() -> None:
    """When a client that does not read leaves, the handler's cleanup runs in the task that ran the handler."""
    tasks: list[object] = []
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        tasks.append(asyncio.current_task())
        try:
            while True:
                yield bytes(1 << 20)
        finally:
            tasks.append(asyncio.current_task())
            closed.set()

    async with served(endless) as channel:
        rpc: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream("/test.Test/Answer")
        call = rpc(b"go")
        assert await call.read()
        call.cancel()
        async with asyncio.timeout(60):
            await closed.wait()
    assert tasks[0] is tasks[1]
