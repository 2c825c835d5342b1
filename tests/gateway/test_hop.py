"""A stream to an inner service, over real gRPC: how it is opened, how it breaks and what is asked again."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import pytest

from gateway.hop import Hop
from livetranslate.breakers import Breakers
from livetranslate.errors import AbortedError, InvalidArgumentError, LiveTranslateError
from livetranslate.interceptor import StatusInterceptor
from livetranslate.v1 import mt_pb2, mt_pb2_grpc

Requests = AsyncIterator[mt_pb2.StreamingTranslateRequest]
Behave = Callable[[Requests, int], AsyncIterator[str]]
MtHop = Hop[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]

LONG = 3600.0  # seconds that no test takes


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.hop._MAX_PAUSE_SECONDS", 0.01)


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


@dataclass
class Owner:
    """Whoever owns a hop: what it is owed, what it has received, and what it was told."""

    owed: list[str] = field(default_factory=list)  # asked for and not answered
    waiting: list[str] = field(default_factory=list)  # not asked for in this stream
    received: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    troubles: asyncio.Queue[LiveTranslateError] = field(default_factory=asyncio.Queue)
    ends: asyncio.Queue[LiveTranslateError] = field(default_factory=asyncio.Queue)
    may_receive: asyncio.Event = field(default_factory=asyncio.Event)
    opening_count: int = 0

    def ask(self, *texts: str) -> None:
        self.owed += texts
        self.waiting += texts

    def opening(self) -> Iterator[mt_pb2.StreamingTranslateRequest]:
        self.opening_count += 1
        self.waiting.clear()
        yield segment("config")
        yield from map(segment, list(self.owed))

    def next_request(self) -> mt_pb2.StreamingTranslateRequest | None:
        return segment(self.waiting.pop(0)) if self.waiting else None

    async def receive(self, response: mt_pb2.StreamingTranslateResponse) -> None:
        await self.may_receive.wait()
        text = response.revision.committed_text
        if (asked := text.split()[-1]) in self.owed:
            self.owed.remove(asked)
        self.received.put_nowait(text)

    async def give_up(self, error: LiveTranslateError) -> None:
        self.ends.put_nowait(error)
        self.owed.clear()

    async def next(self, count: int) -> list[str]:
        return [await self.received.get() for _ in range(count)]


@asynccontextmanager
async def served(behave: Behave, *, port: int = 0) -> AsyncIterator[tuple[int, Service]]:
    """A service on a port; leaving the block kills it."""
    server = grpc.aio.server(interceptors=[StatusInterceptor()], options=[("grpc.so_reuseport", 0)])
    service = Service(behave)  # type: ignore[abstract] # the stream alone is used
    mt_pb2_grpc.add_MtServiceServicer_to_server(service, server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield port, service
    finally:
        await server.stop(None)


@asynccontextmanager
async def hop_to(port: int, patience_seconds: float = LONG) -> AsyncIterator[tuple[MtHop, Owner, asyncio.Task[None]]]:
    """A hop to a port, its owner, and the task that runs it."""
    owner = Owner()
    owner.may_receive.set()
    options = [("grpc.initial_reconnect_backoff_ms", 10), ("grpc.max_reconnect_backoff_ms", 10)]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        hop = MtHop(
            "mt",
            breakers=Breakers("mt", failure_limit=1000),
            open_call=mt_pb2_grpc.MtServiceStub(channel).StreamingTranslate,
            opening=owner.opening,
            next_request=owner.next_request,
            receive=owner.receive,
            on_trouble=owner.troubles.put,
            on_patience_end=owner.give_up,
            patience_seconds=patience_seconds,
        )
        running = asyncio.create_task(hop.run())
        try:
            yield hop, owner, running
        finally:
            running.cancel()
            await asyncio.wait([running])


@asynccontextmanager
async def hop_and(
    behave: Behave, patience_seconds: float = LONG
) -> AsyncIterator[tuple[MtHop, Owner, asyncio.Task[None]]]:
    """A hop to a service of its own."""
    async with served(behave) as (port, _), hop_to(port, patience_seconds) as parts, asyncio.timeout(60):
        yield parts


def segment(text: str) -> mt_pb2.StreamingTranslateRequest:
    return mt_pb2.StreamingTranslateRequest(segment=mt_pb2.SourceSegment(committed_text=text))


async def echo(requests: Requests, stream: int) -> AsyncIterator[str]:
    async for request in requests:
        yield f"{stream} {request.segment.committed_text}"


def ends_at(text: str, error: LiveTranslateError | None = None) -> Behave:
    """Echoes; the first stream ends, with an error or with OK, when it is asked for a text."""

    async def behave(requests: Requests, stream: int) -> AsyncIterator[str]:
        async for request in requests:
            if stream == 1 and request.segment.committed_text == text:
                if error is not None:
                    raise error
                return
            yield f"{stream} {request.segment.committed_text}"

    return behave


async def freeze(requests: Requests, stream: int) -> AsyncIterator[str]:
    """The first stream says nothing, and does not end."""
    if stream == 1:
        await asyncio.Event().wait()
    async for text in echo(requests, stream):
        yield text


async def test_it_opens_at_the_first_push() -> None:
    """Nothing is opened before; then the opening goes ahead of what is next."""
    async with hop_and(echo) as (hop, owner, running):
        assert owner.opening_count == 0
        owner.ask("a")
        await hop.push()
        assert await owner.next(2) == ["1 config", "1 a"]
        owner.ask("b")
        await hop.push()
        assert await owner.next(1) == ["1 b"]
        await hop.finish()
        await running


async def test_what_was_never_used_finishes_at_once() -> None:
    """No stream is opened only to be closed."""
    async with hop_and(echo) as (hop, owner, running):
        await hop.finish()
        await running
        assert owner.opening_count == 0


async def test_finishing_waits_for_the_last_answer() -> None:
    """Whatever was asked is answered before `run` ends, also where nothing had been sent before `finish`."""
    async with hop_and(echo) as (hop, owner, running):
        owner.ask(*map(str, range(100)))
        await hop.push()
        await hop.finish()
        await running
        assert owner.received.qsize() == 101
        assert not owner.owed


async def test_a_stream_gives_way_to_another() -> None:
    """It answers what it was asked; what comes meanwhile is for the next one, also where that is the last."""
    async with hop_and(echo) as (hop, owner, running):
        await hop.renew()
        assert owner.opening_count == 0
        owner.ask("a")
        await hop.push()
        assert await owner.next(2) == ["1 config", "1 a"]
        owner.may_receive.clear()
        owner.ask("b")
        await hop.renew()
        owner.ask("c")
        await hop.push()
        await hop.finish()
        owner.may_receive.set()
        await running
        assert await owner.next(3) == ["1 b", "2 config", "2 c"]
        assert owner.troubles.empty()


@pytest.mark.parametrize(
    "error", [None, AbortedError("GONE", "It dies."), InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", "No model.")]
)
async def test_a_stream_that_ends_is_opened_anew(error: LiveTranslateError | None) -> None:
    """However it ends, what is owed is asked for again, and nothing that was answered."""
    async with hop_and(ends_at("b", error)) as (hop, owner, running):
        owner.ask("a")
        await hop.push()
        assert await owner.next(2) == ["1 config", "1 a"]
        owner.ask("b", "c")
        await hop.push()
        assert await owner.next(3) == ["2 config", "2 b", "2 c"]
        await hop.finish()
        await running
        assert owner.troubles.empty()


async def test_what_comes_while_it_is_broken_is_left_to_the_opening() -> None:
    """A push returns at once while the service is away; the next stream begins with what is owed by then."""
    async with served(echo) as (port, _):
        pass
    async with hop_to(port) as (hop, owner, running), asyncio.timeout(60):
        owner.ask("a")
        await hop.push()
        owner.ask("b")
        await hop.push()
        assert owner.opening_count == 0
        async with served(echo, port=port):
            assert await owner.next(3) == ["1 config", "1 a", "1 b"]
            await hop.finish()
            await running
            assert owner.received.empty()


async def test_finishing_while_it_is_broken_waits_for_the_service() -> None:
    """What is owed is still done once the service is back."""
    async with served(echo) as (port, _):
        pass
    async with hop_to(port) as (hop, owner, running), asyncio.timeout(60):
        owner.ask("a")
        await hop.push()
        await hop.finish()
        async with served(echo, port=port):
            await running
            assert await owner.next(2) == ["1 config", "1 a"]


async def test_trouble_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many streams fail one after another; and again in the next trouble."""
    monkeypatch.setattr("gateway.hop._TROUBLE_SECONDS", 0)
    tried = asyncio.Event()

    async def refuse(requests: Requests, stream: int) -> AsyncIterator[str]:
        if stream in (5, 6):
            yield "up"
            return
        if stream > 10:
            tried.set()
        raise InvalidArgumentError("LANGUAGE_NOT_SUPPORTED", "No model.")

    async with hop_and(refuse) as (hop, owner, _):
        await hop.push()
        await tried.wait()
        troubles = [owner.troubles.get_nowait().reason for _ in range(owner.troubles.qsize())]
        assert troubles == ["LANGUAGE_NOT_SUPPORTED", "MT_UNAVAILABLE", "MT_UNAVAILABLE"]


async def test_short_trouble_is_not_worth_a_word() -> None:
    """A service that is away for less than two seconds is not told of."""
    async with hop_and(ends_at("b", AbortedError("GONE", "It dies."))) as (hop, owner, _):
        owner.ask("b")
        await hop.push()
        assert (await owner.next(3))[-1] == "2 b"
        assert owner.troubles.empty()
        assert owner.ends.empty()


async def test_patience_ends_again_and_again() -> None:
    """What is owed by then is given up each time; the service is tried on, and used once it is back."""
    async with served(echo) as (port, _):
        pass
    async with hop_to(port, patience_seconds=0) as (hop, owner, running), asyncio.timeout(60):
        owner.ask("a")
        await hop.push()
        assert [(await owner.ends.get()).reason for _ in range(2)] == ["MT_UNAVAILABLE"] * 2
        owner.ask("b")
        async with served(echo, port=port):
            await hop.push()
            assert (await owner.next(1))[0] == "1 config"
            await hop.finish()
            await running


async def test_the_end_of_patience_ends_what_is_finishing() -> None:
    """At the end of a session a service that does not come back is not waited for without end."""
    async with served(echo) as (port, _):
        pass
    async with hop_to(port, patience_seconds=0) as (hop, owner, running), asyncio.timeout(60):
        owner.ask("a")
        await hop.push()
        await hop.finish()
        await running
        assert (await owner.ends.get()).reason == "MT_UNAVAILABLE"


async def test_an_owner_that_cannot_go_on_ends_the_hop() -> None:
    """Its error is raised by `run`."""

    async def stop(error: LiveTranslateError) -> None:
        raise error

    async with hop_and(ends_at("config", InvalidArgumentError("AUDIO_WRONG", "No.")), 0) as (hop, owner, running):
        hop._on_patience_end = stop
        await hop.push()
        with pytest.raises(InvalidArgumentError, match="No"):
            await running
        assert owner.opening_count == 1


async def test_a_service_that_does_not_accept_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes the connection and then says nothing is told like one that is not there."""
    monkeypatch.setattr("gateway.hop._CONNECT_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with hop_to(listener.getsockname()[1], patience_seconds=0) as (hop, owner, _), asyncio.timeout(60):
            await hop.push()
            error = await owner.ends.get()
        assert (error.reason, "does not answer" in error.message) == ("MT_UNAVAILABLE", True)


async def test_a_service_that_never_accepts_uses_up_the_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow attempts count from their beginning: however long one takes, it is no good stream."""
    monkeypatch.setattr("gateway.hop._CONNECT_SECONDS", 0.05)
    monkeypatch.setattr("gateway.hop._GOOD_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with (
            hop_to(listener.getsockname()[1], patience_seconds=0.2) as (hop, owner, running),
            asyncio.timeout(60),
        ):
            await hop.push()
            await hop.finish()
            await running
            assert (await owner.ends.get()).reason == "MT_UNAVAILABLE"


async def test_an_opening_is_written_while_answers_are_read() -> None:
    """A service that answers a long opening before it has heard all of it is not waited for without end."""
    async with hop_and(echo) as (hop, owner, running):
        owner.ask(*(f"{number}{'x' * 100_000}" for number in range(200)))
        await hop.push()
        await hop.finish()
        await running
        assert owner.received.qsize() == 201


async def test_a_receiver_that_waits_holds_the_service_up() -> None:
    """While nobody takes the answers, pushing comes to a stop: nothing piles up here."""
    async with hop_and(echo) as (hop, owner, running):
        await hop.push()
        assert await owner.next(1) == ["1 config"]
        owner.may_receive.clear()
        owner.ask(*("x" * 100_000 for _ in range(200)))
        pushing = asyncio.ensure_future(hop.push())
        _, held_up = await asyncio.wait([pushing], timeout=1)  # alone it takes a tenth of that
        owner.may_receive.set()
        await pushing
        await hop.finish()
        await running
        assert held_up
        assert owner.received.qsize() == 200


async def test_whoever_writes_outlives_the_hop() -> None:
    """A hop that is cancelled while another task waits for its service to read does not end that task."""

    async def never_read(requests: Requests, stream: int) -> AsyncIterator[str]:
        await anext(requests)
        yield "1 config"
        await asyncio.Event().wait()

    async with hop_and(never_read) as (hop, owner, running):
        await hop.push()
        await owner.next(1)
        owner.ask(*("x" * 100_000 for _ in range(200)))
        pushing = asyncio.create_task(hop.push())
        _, held_up = await asyncio.wait([pushing], timeout=0.5)
        running.cancel()
        await asyncio.wait([pushing])
        assert held_up
        assert not pushing.cancelled()
        assert not hop.is_open
