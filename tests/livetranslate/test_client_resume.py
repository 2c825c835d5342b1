"""Both clients against gateways that break, over real gRPC."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from typing import Any

import grpc
import pytest

from livetranslate.client import AsyncClient, Client, ConnectionEvent, TranslateError
from livetranslate.v1 import gateway_pb2
from tests.livetranslate.fake_gateway import BYTES_PER_SECOND, Break, FakeGateway, fake_gateway

AUDIO = random.Random(1).randbytes(6 * BYTES_PER_SECOND)
PIECES = [AUDIO[start : start + 8_000] for start in range(0, len(AUDIO), 8_000)]
SECOND = bytes(BYTES_PER_SECOND)
Code = grpc.StatusCode

Translate = Callable[..., list[gateway_pb2.SessionEvent]]


@pytest.fixture
def gateway() -> Iterator[FakeGateway]:
    with fake_gateway() as served:
        yield served


def asynchronously(address: str, **options: Any) -> list[gateway_pb2.SessionEvent]:
    async def run() -> list[gateway_pb2.SessionEvent]:
        async with AsyncClient(address) as client:
            return [event async for event in client.translate(PIECES, source="en", **options)]

    return asyncio.run(run())


def synchronously(address: str, **options: Any) -> list[gateway_pb2.SessionEvent]:
    with Client(address) as client:
        return list(client.translate(PIECES, source="en", **options))


@pytest.fixture(params=[asynchronously, synchronously])
def translate(request: pytest.FixtureRequest) -> Translate:
    """The same promise holds for both clients."""
    chosen: Translate = request.param
    return chosen


def finals(events: list[gateway_pb2.SessionEvent]) -> list[str]:
    revisions = [revision for event in events for revision in (event.transcript.revision, event.translation.revision)]
    return [revision.committed_text for revision in revisions if revision.is_final]


WHOLE = [text for start in range(6) for text in (f"word {start}", f"es {start}")]


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.CANCELLED, Code.INTERNAL, Code.DEADLINE_EXCEEDED])
@pytest.mark.parametrize("checkpoints", [True, False])
def test_breaks_are_not_seen(gateway: FakeGateway, translate: Translate, code: Code, *, checkpoints: bool) -> None:
    """However often and however the stream breaks, the caller sees one session with each final once and in order."""
    gateway.checkpoints = checkpoints
    gateway.breaks = [Break(after_finals, code=code) for after_finals in (1, 3, 4)]
    events = translate(gateway.address, targets=["es"])
    assert finals(events) == WHOLE
    assert gateway.live["session-1"].heard == AUDIO
    assert len(gateway.resumes) == 3
    assert [event.HasField("session_started") for event in events].count(True) == 1
    assert events[-1].summary.segment_count == 6
    offsets = [event.checkpoint.durable_offset.seconds for event in events if event.HasField("checkpoint")]
    assert all(before <= after for before, after in pairwise(offsets))


def test_a_break_at_the_very_end(gateway: FakeGateway, translate: Translate) -> None:
    """A status that fails after the summary is no failure of the session."""
    gateway.breaks = [Break(at_end=True)]
    events = translate(gateway.address, targets=["es"])
    assert finals(events) == WHOLE
    assert gateway.resumes == []


def test_the_next_address(translate: Translate) -> None:
    """A session goes on at another replica; one that is not there is passed over, also at the beginning."""
    first = FakeGateway(breaks=[Break(2)])
    second = FakeGateway(sessions=first.sessions, stored=first.stored, live=first.live)
    with fake_gateway(first), fake_gateway(second):
        events = translate(f"127.0.0.1:1,{first.address},{second.address}", targets=["es"])
    assert finals(events) == WHOLE
    assert (len(first.resumes), len(second.resumes)) == (0, 1)
    assert second.live["session-1"].heard == AUDIO


def test_the_callback_is_told(gateway: FakeGateway, translate: Translate) -> None:
    """A caller who asks hears of the loss and its reason, of each attempt, and of the return."""
    gateway.breaks = [Break(1)]
    gateway.refusals = [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED]
    told: list[ConnectionEvent] = []
    assert finals(translate(gateway.address, targets=["es"], on_connection=told.append)) == WHOLE
    states = [(event.state, event.attempt) for event in told]
    assert states == [("lost", 0), ("trying", 1), ("trying", 2), ("trying", 3), ("resumed", 3)]
    assert told[0].error is not None
    assert told[0].error.message == "broken for a test"
    assert told[-1].after_seconds > 0


@pytest.mark.parametrize("code", [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.FAILED_PRECONDITION, Code.ABORTED])
def test_a_refusal_ends_it(gateway: FakeGateway, translate: Translate, code: Code) -> None:
    """A server that does not know the session, or has given it to somebody else, is not asked again."""
    gateway.breaks, gateway.refusals = [Break(1)], [code]
    with pytest.raises(TranslateError) as caught:
        translate(gateway.address)
    assert caught.value.code is code
    assert len(gateway.resumes) == 1


@pytest.mark.parametrize("options", [{"reconnect_seconds": 0}, {"encoding": "container", "replay_limit_bytes": 9_000}])
def test_what_cannot_be_resumed_is_raised(gateway: FakeGateway, translate: Translate, options: dict[str, Any]) -> None:
    """Where resuming is not wanted, or a container has outgrown its limit, a break is raised as it came."""
    gateway.breaks = [Break(1)]
    with pytest.raises(TranslateError, match="broken for a test") as caught:
        translate(gateway.address, **options)
    assert ("replay_limit_bytes" in str(caught.value)) == ("encoding" in options)


def test_an_old_server(gateway: FakeGateway, translate: Translate) -> None:
    """A server that gives no token cannot be resumed: a break is raised."""
    gateway.gives_tokens, gateway.breaks = False, [Break(1)]
    with pytest.raises(TranslateError, match="broken for a test"):
        translate(gateway.address)


def test_patience_ends(gateway: FakeGateway, translate: Translate) -> None:
    """A server that does not come back in time is given up with its last error."""
    gateway.breaks, gateway.refusals = [Break(1)], [Code.UNAVAILABLE] * 1_000
    with pytest.raises(TranslateError, match="not now"):
        translate(gateway.address, reconnect_seconds=0.3)


async def test_live_audio_is_not_held_up(gateway: FakeGateway) -> None:
    """While the server is away audio and wishes are taken without waiting, and all of it arrives afterwards."""
    gateway.breaks, gateway.refusals = [Break(1)], [Code.UNAVAILABLE] * 3
    lost = asyncio.Event()
    async with (
        AsyncClient(gateway.address) as client,
        client.open_session(source="en", targets=["es"], on_connection=lambda _event: lost.set()) as session,
    ):
        reading = asyncio.create_task(_read(session))
        await session.send_audio(SECOND)
        await lost.wait()
        for _ in range(60):  # more than may pile up while the connection works
            await session.send_audio(SECOND)
        await session.set_targets(["ca"])
        await session.send_audio(SECOND)
        await session.finish()
        events = await reading
    texts = finals(events)
    assert texts[::2] == [f"word {start}" for start in range(62)]
    assert texts[-3] == "es 60"
    assert texts[-1] == "ca 61"


async def _read(session: Any) -> list[gateway_pb2.SessionEvent]:
    return [event async for event in session]


async def test_files_wait_for_the_connection(gateway: FakeGateway) -> None:
    """Audio that can wait is not read without end while nobody takes it."""
    gateway.breaks, gateway.refusals = [Break(1)], [Code.UNAVAILABLE] * 1_000
    drawn = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal drawn
        while True:
            drawn += 1
            yield SECOND

    async with AsyncClient(gateway.address) as client:
        with pytest.raises(TranslateError, match="not now"):
            async for _ in client.translate(endless(), source="en", reconnect_seconds=0.3):
                pass
    assert drawn < 200


def test_a_server_that_is_restarted(translate: Translate) -> None:
    """A server that comes back on the same port is found again."""
    gateway = FakeGateway(breaks=[Break(2)], refusals=[])
    served = fake_gateway(gateway)
    served.__enter__()
    port = int(gateway.address.rpartition(":")[2])
    restarted: list[Any] = []

    def restart(event: ConnectionEvent) -> None:
        if event.state == "lost":
            served.__exit__(None, None, None)
        elif event.state == "trying" and event.attempt == 2:
            restarted.append(fake_gateway(gateway, port))
            restarted[0].__enter__()

    events = translate(gateway.address, targets=["es"], on_connection=restart)
    restarted[0].__exit__(None, None, None)
    assert finals(events) == WHOLE


async def test_another_program_goes_on(gateway: FakeGateway) -> None:
    """With id and token a restarted program gets what it missed, and speaks on from where the server says."""
    async with AsyncClient(gateway.address) as client:
        async with client.open_session(source="en", targets=["es"]) as session:
            await session.send_audio(AUDIO[: 4 * BYTES_PER_SECOND])
            async for event in session:
                if event.checkpoint.durable_offset.seconds == 2:
                    break
        async with client.resume_session(session.session_id, session.resume_token, last_event_number=2) as again:
            events = aiter(again)
            started = (await anext(events)).session_started
            assert started.is_resumed
            await again.send_audio(AUDIO[started.resume_offset.seconds * BYTES_PER_SECOND :])
            await again.finish()
            rest = [event async for event in events]
    assert finals(rest) == WHOLE[2:]
    assert gateway.live["session-1"].heard == AUDIO


async def test_viewers_go_on(gateway: FakeGateway) -> None:
    """A view that breaks goes on after the last event that came, with and without asyncio."""
    with Client(gateway.address) as client:
        list(client.translate(PIECES, source="en", targets=["es"]))
        gateway.watch_breaks = 3
        assert finals(list(client.watch("session-1"))) == WHOLE
        gateway.watch_breaks = 1
        with pytest.raises(TranslateError, match="broken for a test"):
            list(client.watch("session-1", reconnect_seconds=0))
    gateway.watch_breaks = 3
    async with AsyncClient(gateway.address) as again:
        assert finals([event async for event in again.watch("session-1")]) == WHOLE


def test_small_requests_find_the_next_address(gateway: FakeGateway) -> None:
    """Where one replica cannot be reached, another is asked."""
    with Client(["127.0.0.1:1", gateway.address]) as client:
        assert client.capabilities().version == "fake"
    with Client(["127.0.0.1:1", "127.0.0.1:2"]) as client, pytest.raises(TranslateError):
        client.capabilities()


def test_a_busy_server_is_asked_again_when_it_says(gateway: FakeGateway, translate: Translate) -> None:
    """Whoever has the time is let in later, and told of each refusal; the session has all of the audio."""
    gateway.retry_seconds = [0.05, 0.01]
    told: list[ConnectionEvent] = []
    events = translate(gateway.address, targets=["es"], admission_seconds=60, on_connection=told.append)
    assert finals(events) == WHOLE
    assert [(event.state, event.error and event.error.retry_delay_seconds) for event in told] == [
        ("refused", 0.05),
        ("refused", 0.01),
    ]


def test_another_server_may_have_room(gateway: FakeGateway, translate: Translate) -> None:
    """It is asked at once; a refusal is raised, with when to try again, where none has."""
    gateway.retry_seconds = [7.0, 7.0]
    with fake_gateway() as other:
        assert finals(translate(f"{gateway.address},{other.address}", targets=["es"])) == WHOLE
    with pytest.raises(TranslateError) as raised:
        translate(gateway.address, targets=["es"])
    assert (raised.value.reason, raised.value.retry_delay_seconds) == ("SERVER_BUSY", 7.0)
