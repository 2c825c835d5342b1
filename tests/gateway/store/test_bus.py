"""What replicas tell one another, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from gateway.store.bus import WANTED_FOR_SECONDS, SessionBus
from gateway.store.database import Database
from gateway.store.notify import CHANNEL, notify
from gateway.store.records import Entry, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.stack.postgres import Postgres
from livetranslate.v1 import asr_pb2, gateway_pb2
from tests.gateway import examples
from tests.gateway.replica import break_connections, until


class Heard:
    """A subscriber that keeps what it is told."""

    def __init__(self, *, is_elsewhere: bool = True) -> None:
        self.is_elsewhere = is_elsewhere
        self.numbers: list[int] = []
        self.texts: list[str] = []
        self.change_count = 0

    def receive_stored(self, event_number: int) -> None:
        self.numbers.append(event_number)

    def receive_event(self, event: gateway_pb2.SessionEvent) -> None:
        self.texts.append(event.transcript.revision.unstable_text)

    def receive_change(self) -> None:
        self.change_count += 1


@asynccontextmanager
async def running(bus: SessionBus) -> AsyncIterator[SessionBus]:
    """A bus that is connected while the block runs."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(bus.run())
        async with asyncio.timeout(60):
            await bus.connected()
        yield bus
        task.cancel()


@pytest.fixture
async def here(postgres: Postgres, database: Database) -> AsyncIterator[SessionBus]:
    """One replica's bus."""
    async with running(SessionBus(postgres.url)) as bus:
        yield bus


@pytest.fixture
async def there(postgres: Postgres, database: Database) -> AsyncIterator[SessionBus]:
    """Another replica's."""
    async with running(SessionBus(postgres.url)) as bus:
        yield bus


def partial(text: str) -> gateway_pb2.SessionEvent:
    """What a segment may become."""
    revision = asr_pb2.TranscriptRevision(segment_id="1", unstable_text=text)
    return gateway_pb2.SessionEvent(transcript=gateway_pb2.Transcript(revision=revision))


async def test_the_store_tells_of_finals_states_and_owners(
    here: SessionBus, table: SessionTable, session_log: SessionLog
) -> None:
    """Whatever changes a session is heard by its subscriber, and a take-over by the one who runs sessions."""
    heard, taken = Heard(), []
    here.on_taken_over(lambda session_id, generation: taken.append((session_id, generation)))
    session = examples.session()
    session_id = session.session_id
    here.subscribe(session_id, heard)
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    segment = examples.segment(session_id, 1)
    await session_log.write([Entry(1, segment), Entry(1, examples.translation(segment, 2))])
    await until(lambda: heard.numbers == [2])
    await table.suspend(session_id, 1, window_seconds=60, sample_count=0)
    await until(lambda: heard.change_count == 1)
    await table.take_over(session_id, examples.TOKEN_HASH, "another")
    await until(lambda: taken == [(session_id, 2)])
    await table.finish(session_id, 2, SessionState.COMPLETED, 0)
    await until(lambda: heard.change_count == 3)


async def test_what_is_wanted_is_published(here: SessionBus, there: SessionBus) -> None:
    """A subscriber asks at once; the newest text of a segment reaches it, and no other session's."""
    heard, other = Heard(), Heard()
    there.subscribe("wanted", heard)
    there.subscribe("other", other)
    await until(lambda: here.is_wanted("wanted"))
    for text in ("a", "a b", "a b c"):
        here.publish_partial("wanted", partial(text))
    await until(lambda: bool(heard.texts))
    assert (heard.texts[-1], other.texts) == ("a b c", [])
    assert len(heard.texts) < 3


async def test_nobody_asks_for_a_session_that_runs_here(here: SessionBus, there: SessionBus) -> None:
    """Its viewers get everything without the bus."""
    there.subscribe("mine", Heard(is_elsewhere=False))
    there.subscribe("theirs", Heard())
    await until(lambda: here.is_wanted("theirs"))
    assert not here.is_wanted("mine")
    assert not there.is_wanted("theirs")  # one's own question is no reason to publish


async def test_what_nobody_asks_for_any_more_is_not_wanted(postgres: Postgres, there: SessionBus) -> None:
    """A replica that died does not make others publish for ever."""
    now = [1000.0]
    async with running(SessionBus(postgres.url, clock=lambda: now[0])) as bus:
        there.subscribe("session", Heard())
        await until(lambda: bus.is_wanted("session"))
        there.unsubscribe("session")
        now[0] += WANTED_FOR_SECONDS
        assert not bus.is_wanted("session")


async def test_the_bus_comes_back(here: SessionBus, there: SessionBus, postgres: Postgres) -> None:
    """Its connection killed, it connects again, tells subscribers to look, and goes on."""
    heard = Heard()
    there.subscribe("session", heard)
    await until(lambda: here.is_wanted("session"))
    with capture_logs() as logs:
        assert await break_connections(postgres.url) == 2
        await until(lambda: heard.change_count > 0)
        await asyncio.gather(here.connected(), there.connected())
        here.publish_partial("session", partial("a"))
        await until(lambda: heard.texts == ["a"])
    assert [entry["event"] for entry in logs] == ["session bus lost"] * 2


async def test_without_a_server_subscribers_look_by_themselves(outage_folder: object) -> None:
    """While there is no connection they are told, again and again, that anything may have happened."""
    heard = Heard()
    bus = SessionBus(f"postgresql://postgres@/postgres?host={outage_folder}")
    bus.subscribe("session", heard)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(bus.run())
        await until(lambda: heard.change_count == 2)
        task.cancel()


async def test_a_message_of_another_kind_is_passed_over(
    here: SessionBus, database: Database, table: SessionTable
) -> None:
    """Whatever stands on the channel, the bus goes on listening."""
    heard = Heard()
    here.subscribe("session", heard)
    with capture_logs() as logs:
        async with database.connection() as connection:
            for message in ("no json", "[]", "{}", '{"kind": "partial", "session_id": "session", "events": "QUJD"}'):
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, message)
            await notify(connection, "unheard-of", session_id="session")
            await notify(connection, "stored", session_id="session", event_number=1)
        await until(lambda: heard.numbers == [1])
    assert [entry["event"] for entry in logs] == ["message of another kind on the session bus"] * 4
