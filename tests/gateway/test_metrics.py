"""What the gateway measures over all sessions."""

import asyncio
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

from gateway.admission import Admission
from gateway.degradation import Degradation
from gateway.events import Notice, NoticeKind
from gateway.messages import event_to_proto
from gateway.metrics import TAKEN_OVER, GatewayMetrics
from gateway.session import GatewaySession
from gateway.store.bus import SessionBus
from gateway.store.database import Database
from gateway.store.records import SessionState
from gateway.store.writer import StoreWriter
from gateway.viewers import Viewers
from livetranslate import names
from livetranslate.errors import AbortedError, DependencyError, InvalidArgumentError, ResourceExhaustedError
from livetranslate.server import Drain
from tests.gateway.bodies import final, partial
from tests.gateway.examples import segments
from tests.gateway.measuring import Measurements
from tests.gateway.replica import partial as shown_partial
from tests.gateway.store.fakes import FakeStore

SECOND_BYTES = 32_000


class Gateway:
    """The parts of a process that are looked at."""

    def __init__(self, database: Database) -> None:
        self.bus = SessionBus("postgresql://")
        self.viewers = Viewers(self.bus)
        self.store = FakeStore()
        self.writer = StoreWriter(self.store.write)
        self.measurements = Measurements()
        self.metrics = GatewayMetrics(self.viewers, self.bus, self.writer, database, self.measurements.meter)

    def values(self, name: str) -> dict[str, float]:
        self.metrics.sample()
        return self.measurements.values(name)

    def counted(self, name: str) -> dict[str, float]:
        self.metrics.sample()
        return self.measurements.counted(name)


@pytest.fixture
async def gateway(database: Database) -> Gateway:
    return Gateway(database)


def new_session() -> GatewaySession:
    return GatewaySession("s", [])


async def test_sessions_are_counted_from_their_beginning_to_their_end(gateway: Gateway) -> None:
    """How many run, how they began, and in which state they were left first."""
    with gateway.metrics.running(new_session(), is_resumed=False):
        session = new_session()
        with gateway.metrics.running(session, is_resumed=True):
            assert gateway.values(names.SESSIONS) == {"": 2}
            gateway.metrics.note_ending(session, SessionState.COMPLETED)
            gateway.metrics.note_ending(session, SessionState.SUSPENDED)  # its client was gone before the summary
        with gateway.metrics.running(session := new_session(), is_resumed=True):
            gateway.metrics.note_ending(session, TAKEN_OVER)
        assert gateway.values(names.SESSIONS) == {"": 1}
    gateway.metrics.note_ending(session, SessionState.COMPLETED)  # nobody's any more
    assert gateway.values(names.SESSIONS) == {"": 0}
    assert gateway.counted(names.SESSION_OPENINGS) == {"new": 1, "resumed": 2}
    assert gateway.counted(names.SESSION_ENDINGS) == {"completed": 1, "taken_over": 1, "suspended": 1}


async def test_what_fails_before_it_is_a_session_was_refused(gateway: Gateway) -> None:
    """By the reason that the client is told, also from within a group; a client that leaves was not refused."""
    errors = [
        ResourceExhaustedError("SERVER_BUSY", "later"),
        ExceptionGroup("both", [OSError(), InvalidArgumentError("LANGUAGE_UNSUPPORTED", "no")]),
        ValueError("a mistake"),
        asyncio.CancelledError(),
    ]
    for error in errors:
        with pytest.raises(type(error)), gateway.metrics.opening():
            raise error
    with suppress(AbortedError), gateway.metrics.opening() as opening:
        opening.has_succeeded = True
        raise AbortedError("SESSION_TAKEN_OVER", "elsewhere")
    assert gateway.counted(names.SESSION_REFUSALS) == {"SERVER_BUSY": 1, "LANGUAGE_UNSUPPORTED": 1, "INTERNAL": 1}


async def test_what_has_not_happened_yet_is_none(gateway: Gateway) -> None:
    """An alert sees the first of something only where it has seen that there was none."""
    assert gateway.values(names.SESSION_OPENINGS) == {"new": 0, "resumed": 0}
    assert set(gateway.values(names.SESSION_ENDINGS)) == {"completed", "suspended", "interrupted", "taken_over"}
    assert set(gateway.values(names.DROPS)) == {"server_busy", "client_behind", "viewer_behind", "bus_behind"}
    assert set(gateway.values(names.NOTICES)) == set(NoticeKind)
    before = gateway.values(names.SESSION_REFUSALS)
    admission, drain = Admission(1), Drain()
    drain.draining.set()
    with admission.place():
        for place in (admission.place, drain.stream):
            with suppress(DependencyError), gateway.metrics.opening(), place():
                pytest.fail("there is no place")
    assert gateway.counted(names.SESSION_REFUSALS) == {"TOO_MANY_SESSIONS": 1, "DRAINING": 1}
    assert gateway.values(names.SESSION_REFUSALS).keys() == before.keys()


async def test_audio_counts_once(gateway: Gateway) -> None:
    """While its session runs, and after it has ended."""
    with gateway.metrics.running(new_session(), is_resumed=False) as metrics:
        metrics.receive_audio(SECOND_BYTES)
        assert gateway.values(names.AUDIO_RECEIVED) == {"": 1}
        metrics.receive_audio(SECOND_BYTES // 2)
        with gateway.metrics.running(new_session(), is_resumed=False) as other:
            other.receive_audio(SECOND_BYTES)
        assert gateway.values(names.AUDIO_RECEIVED) == {"": 2.5}
    assert gateway.values(names.AUDIO_RECEIVED) == {"": 2.5}


async def test_results_of_all_sessions_go_to_one_place(gateway: Gateway) -> None:
    """Whichever session tells them."""
    for _ in range(2):
        with gateway.metrics.running(new_session(), is_resumed=False) as metrics:
            metrics.receive_told(Notice(NoticeKind.NO_SPEECH, "silence"))
    assert gateway.counted(names.NOTICES) == {"NO_SPEECH": 2}


async def test_what_gives_way_is_counted_by_who_was_slow(gateway: Gateway) -> None:
    """The server itself, a client, a viewer, the way to other replicas; what counted already counts no more."""
    session = new_session()
    with gateway.metrics.running(session, is_resumed=False):
        for text in ("a", "a b"):
            session.receive_transcript(partial(0, text, revision=len(text)), 0.0)
        assert gateway.counted(names.DROPS) == {"client_behind": 1}
        session.receive_transcript(partial(0, "a b c", revision=7), 0.0)
        session.receive_degradation(Degradation.NO_PARTIALS)
        session.receive_transcript(partial(0, "a b c d", revision=9), 0.0)
    gateway.viewers.missed_count += 3
    for text in ("a", "b", "c"):
        gateway.bus.publish_partial("s", event_to_proto(shown_partial(1, text)))
    expected = {"server_busy": 1, "client_behind": 2, "viewer_behind": 3, "bus_behind": 2}
    assert gateway.counted(names.DROPS) == expected
    assert gateway.counted(names.DROPS) == expected


async def test_what_waits_is_shown(gateway: Gateway) -> None:
    """Events for clients, records in memory and on disk, viewers."""
    sessions = [new_session(), new_session()]
    with ExitStack() as stack:
        for session in sessions:
            stack.enter_context(gateway.metrics.running(session, is_resumed=False))
            session.receive_transcript(replace(final(0), message=None), 0.0)
            session.receive_transcript(replace(partial(1), message=None), 0.0)
        running = stack.enter_context(gateway.viewers.session("s"))
        for _ in range(3):
            has_news = stack.enter_context(stack.enter_context(gateway.viewers.following("s")).news())
        running.show(shown_partial(1, "a"))
        has_news.clear()
        await gateway.writer.put(1, segments(5))
        assert gateway.values(names.QUEUE_DEPTH) == {"outbox": 4, "store": 5, "spill": 0, "viewers": 2}
        assert gateway.values(names.VIEWERS) == {"": 3}
        assert gateway.values(names.STORE_BACKLOG) == {"": 5}
        assert gateway.values(names.STORE_SPILLED) == {"": 0}
    assert gateway.values(names.QUEUE_DEPTH) == {"outbox": 0, "store": 5, "spill": 0, "viewers": 0}
    assert gateway.values(names.VIEWERS) == {"": 0}


async def test_connections_to_the_database_are_shown(gateway: Gateway, database: Database) -> None:
    """Those in use, those that wait to be used, and how many there may be."""
    async with database.connection():
        shown = gateway.values(names.DATABASE_CONNECTIONS)
    assert shown["used"] == 1
    assert gateway.values(names.DATABASE_CONNECTION_LIMIT) == {"": 8}


async def test_the_last_second_counts_too(gateway: Gateway) -> None:
    """When the process stops, what was not handed on yet is."""
    running = asyncio.create_task(gateway.metrics.run())
    with gateway.metrics.running(new_session(), is_resumed=False) as metrics:
        await asyncio.sleep(0)  # it begins
        metrics.receive_audio(SECOND_BYTES)
    running.cancel()
    await asyncio.wait([running])
    assert gateway.measurements.values(names.AUDIO_RECEIVED) == {"": 1}
