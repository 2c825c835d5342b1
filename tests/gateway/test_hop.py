"""A stream to an inner service, over real gRPC: how it is opened, how it breaks and how that is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import pytest

from gateway.hop import Hop
from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.interceptor import StatusInterceptor
from livetranslate.v1 import mt_pb2, mt_pb2_grpc

Requests = AsyncIterator[mt_pb2.StreamingTranslateRequest]
Behave = Callable[[Requests, int], AsyncIterator[str]]
Received = asyncio.Queue[str | LiveTranslateError]
MtHop = Hop[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]


class Service(mt_pb2_grpc.MtServiceServicer):
    """Answers with the texts that `behave` yields for the requests of the n-th stream."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.stream_count = 0

    async def StreamingTranslate(
        self, requests: Requests, context: object
    ) -> AsyncIterator[mt_pb2.StreamingTranslateResponse]:
        del context
        self.stream_count += 1
        async for text in self.behave(requests, self.stream_count):
            revision = mt_pb2.TranslationRevision(committed_text=text)
            yield mt_pb2.StreamingTranslateResponse(revision=revision)


@asynccontextmanager
async def hop_to(
    behave: Behave, receive: Callable[[str], Awaitable[None]] | None = None
) -> AsyncIterator[tuple[MtHop, Received]]:
    """A hop to a service, and what it hands on: texts and errors."""
    received: Received = asyncio.Queue()

    async def take(response: mt_pb2.StreamingTranslateResponse) -> None:
        text = response.revision.committed_text
        await (receive or received.put)(text)

    server = grpc.aio.server(interceptors=[StatusInterceptor()])
    mt_pb2_grpc.add_MtServiceServicer_to_server(Service(behave), server)  # type: ignore[abstract] # the stream alone is used
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = mt_pb2_grpc.MtServiceStub(channel)
        try:
            async with asyncio.TaskGroup() as tasks:
                yield (
                    MtHop(
                        "mt",
                        tasks,
                        open_call=stub.StreamingTranslate,
                        first_request=lambda: segment("config"),
                        receive=take,
                        receive_failure=received.put,
                    ),
                    received,
                )
        finally:
            await server.stop(None)


def segment(text: str) -> mt_pb2.StreamingTranslateRequest:
    return mt_pb2.StreamingTranslateRequest(segment=mt_pb2.SourceSegment(committed_text=text))


async def echo(requests: Requests, stream: int) -> AsyncIterator[str]:
    async for request in requests:
        yield f"{stream} {request.segment.committed_text}"


async def echo_once(requests: Requests, stream: int) -> AsyncIterator[str]:
    """Close the first stream with OK after an answer."""
    async for request in requests:
        yield f"{stream} {request.segment.committed_text}"
        if stream == 1 and request.segment.committed_text != "config":
            return


async def refuse(requests: Requests, stream: int) -> AsyncIterator[str]:
    """Refuse the configuration, while more is being written."""
    async for request in requests:
        if request.HasField("segment"):
            raise InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", "No model.")
        yield f"{stream}"


async def test_it_opens_at_first_use_with_the_configuration() -> None:
    """The first request goes ahead of the one that is sent."""
    async with hop_to(echo) as (hop, received):
        await hop.send(segment("a"))
        assert [await received.get(), await received.get()] == ["1 config", "1 a"]
        await hop.finish()


async def test_what_was_never_used_finishes_at_once() -> None:
    """No stream is opened only to be closed."""
    async with hop_to(echo) as (hop, received):
        await hop.finish()
        assert received.empty()


async def test_finishing_waits_for_the_last_answer() -> None:
    """Whatever was sent is answered before `finish` returns, and a stream that ends then has not failed."""
    async with hop_to(echo) as (hop, received):
        for number in range(100):
            await hop.send(segment(str(number)))
        await hop.finish()
        assert received.qsize() == 101
        assert [received.get_nowait() for _ in range(101)][-1] == "1 99"


async def test_a_stream_that_was_closed_is_told_once_and_opened_anew() -> None:
    """The service may go away between two requests: the next one goes to a new stream."""
    async with hop_to(echo_once) as (hop, received):
        await hop.send(segment("a"))
        assert [await received.get(), await received.get()] == ["1 config", "1 a"]
        failure = await received.get()
        assert isinstance(failure, LiveTranslateError)
        assert (failure.code, failure.reason) == ("UNAVAILABLE", "MT_UNAVAILABLE")
        await hop.send(segment("b"))
        await hop.finish()
        assert [received.get_nowait(), received.get_nowait()] == ["2 config", "2 b"]
        assert received.empty()


@pytest.mark.parametrize("attempt", range(5))
async def test_the_service_s_own_reason_is_told(attempt: int) -> None:
    """A write that fails because the stream was refused does not hide why it was."""
    async with hop_to(refuse) as (hop, received):
        await hop.open()
        failures = 0
        while not failures:
            await hop.send(segment("more"))
            failures += received.qsize()
        failure = received.get_nowait()
        assert isinstance(failure, InvalidArgumentError)
        assert failure.reason == "LANGUAGE_NOT_SUPPORTED"
        await hop.finish()


async def test_a_service_that_is_not_there_is_told_as_unavailable() -> None:
    """Sending does not raise: whoever receives is told, once for each stream that was tried."""
    failures: list[LiveTranslateError] = []

    async def note(error: LiveTranslateError) -> None:
        failures.append(error)

    async with grpc.aio.insecure_channel("127.0.0.1:1") as channel:
        stub = mt_pb2_grpc.MtServiceStub(channel)
        async with asyncio.TaskGroup() as tasks:
            hop = MtHop(
                "mt",
                tasks,
                open_call=stub.StreamingTranslate,
                first_request=lambda: segment("config"),
                receive=lambda _: asyncio.sleep(0),
                receive_failure=note,
            )
            await hop.send(segment("a"))
            await hop.finish()
    assert {failure.reason for failure in failures} == {"MT_UNAVAILABLE"}
    assert len(failures) == 2


async def test_a_receiver_that_waits_holds_the_service_up() -> None:
    """While nobody takes the answers, sending comes to a stop: nothing piles up here."""
    may_go = asyncio.Event()
    taken: list[str] = []

    async def take(text: str) -> None:
        await may_go.wait()
        taken.append(text)

    async def send_much(hop: MtHop) -> None:
        for _ in range(200):
            await hop.send(segment("x" * 100_000))

    async with hop_to(echo, take) as (hop, _):
        sender = asyncio.ensure_future(send_much(hop))
        _, still_sending = await asyncio.wait([sender], timeout=1)  # alone it takes a tenth of that
        may_go.set()
        await sender
        await hop.finish()
    assert still_sending
    assert len(taken) == 201
