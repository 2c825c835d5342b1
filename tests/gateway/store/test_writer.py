"""The write-behind queue, on a fake database and on the real one: the same rules hold on both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from gateway.store.database import Database
from gateway.store.delivery import Write
from gateway.store.records import Entry, FinalRecord, Record, SessionRecord
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.store.submission import Limits
from gateway.store.writer import StoreWriter
from livetranslate.errors import FailedPreconditionError, UnavailableError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples
from tests.gateway.examples import segments
from tests.gateway.store.fakes import POISON, FakeStore, Outcomes, PoisonError

MANY_BYTES = 1 << 30


@dataclass
class Store:
    """The fake or the real one, with one session open in it, and a text that it refuses."""

    write: Write
    read: Callable[[str], Awaitable[list[FinalRecord]]]
    session: SessionRecord
    poison: str


@pytest.fixture(params=["fake", "real"])
async def store(request: pytest.FixtureRequest, table: SessionTable, session_log: SessionLog) -> Store:
    session = examples.session()
    if request.param == "fake":
        fake = FakeStore()
        return Store(fake.write, fake.read, session, POISON)
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    return Store(session_log.write, session_log.read_records, session, "NUL \0")


@pytest.fixture
def fake() -> FakeStore:
    return FakeStore()


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


def listening(
    writer: StoreWriter, outcomes: Outcomes, session_id: str = "talk", generation: int = 1
) -> AbstractContextManager[None]:
    return writer.listening(session_id, generation, outcomes.receive_durable, outcomes.receive_refused)


async def test_what_is_put_becomes_durable_in_order(store: Store, outcomes: Outcomes) -> None:
    """Every record is stored, and told to be after it is."""
    records = segments(50, store.session.session_id)
    async with StoreWriter(store.write) as writer:
        with listening(writer, outcomes, store.session.session_id):
            for record in records:
                await writer.put(1, [record])
            await outcomes.wait_for(50)
    assert outcomes.durable == records
    assert await store.read(store.session.session_id) == records


async def test_a_record_put_twice_is_stored_once(store: Store, outcomes: Outcomes) -> None:
    """A replay is durable at once and changes nothing."""
    [record] = segments(1, store.session.session_id)
    async with StoreWriter(store.write) as writer:
        with listening(writer, outcomes, store.session.session_id):
            await writer.put(1, [record])
            await writer.put(1, [record])
            await outcomes.wait_for(2)
    assert await store.read(store.session.session_id) == [record]


async def test_one_bad_record_spoils_no_other(store: Store, outcomes: Outcomes) -> None:
    """A record that the database will never take is refused alone; those put and written with it are stored."""
    records = segments(9, store.session.session_id)
    records[4] = replace(records[4], text=store.poison)
    writer = StoreWriter(store.write)
    with capture_logs() as logs, listening(writer, outcomes, store.session.session_id):
        await writer.put(1, records[:3])
        await writer.put(1, records[3:])
        writer.start()
        await outcomes.wait_for(9)
        assert await writer.aclose(timeout_seconds=5)
    assert outcomes.told == records
    assert [record for record, _ in outcomes.refused] == [records[4]]
    assert await store.read(store.session.session_id) == records[:4] + records[5:]
    [entry] = logs
    assert (entry["event"], entry["kind"]) == ("the database refuses a record", "SegmentRecord")
    assert store.poison not in str(logs)


async def test_the_owner_before_is_told(table: SessionTable, session_log: SessionLog, outcomes: Outcomes) -> None:
    """Records of a session that was taken over are refused as such; the new owner's are stored."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    await table.take_over(session.session_id, examples.TOKEN_HASH, "other")
    late, mine = segments(2, session.session_id)
    own = Outcomes()
    async with StoreWriter(session_log.write) as writer:
        with listening(writer, outcomes, session.session_id, 1), listening(writer, own, session.session_id, 2):
            await asyncio.gather(writer.put(1, [late]), writer.put(2, [mine]))
            await outcomes.wait_for(1)
            await own.wait_for(1)
    [(refused, error)] = outcomes.refused
    assert refused == late
    assert isinstance(error, FailedPreconditionError)
    assert error.reason == "SESSION_TAKEN_OVER"
    assert (own.durable, own.refused) == ([mine], [])


async def test_what_waits_is_written_together(fake: FakeStore, outcomes: Outcomes) -> None:
    """Records put during a write go out in the next one, up to the batch's size."""
    fake.open.clear()
    async with StoreWriter(fake.write, max_batch=Limits(4, MANY_BYTES)) as writer:
        with listening(writer, outcomes):
            for place, record in enumerate(segments(7)):
                await writer.put(1, [record])
                if place == 0:
                    await fake.attempted.wait()
            fake.open.set()
            await outcomes.wait_for(7)
    assert [len(batch) for batch in fake.batches] == [1, 4, 2]


@pytest.mark.parametrize("limits", [Limits(2, MANY_BYTES), Limits(100, 4500)])
async def test_a_full_queue_makes_put_wait(fake: FakeStore, outcomes: Outcomes, limits: Limits) -> None:
    """Beyond its size, in records or in bytes, whoever puts waits until something is stored; nothing overtakes."""
    fake.open.clear()
    async with StoreWriter(fake.write, max_waiting=limits) as writer:
        with listening(writer, outcomes):
            first, second, *others = segments(5)
            await writer.put(1, [first])
            await writer.put(1, [second])
            waiting = [asyncio.create_task(writer.put(1, [record])) for record in others]
            await fake.attempted.wait()
            assert not any(task.done() for task in waiting)
            assert writer.waiting_records == 5
            fake.open.set()
            await asyncio.gather(*waiting)
            await outcomes.wait_for(5)
    assert outcomes.durable == [first, second, *others]


async def test_a_cancelled_put_loses_nothing(fake: FakeStore, outcomes: Outcomes) -> None:
    """What was put is stored, also where the caller no longer waits for room."""
    fake.open.clear()
    async with StoreWriter(fake.write, max_waiting=Limits(1, MANY_BYTES)) as writer:
        with listening(writer, outcomes):
            first, second = segments(2)
            await writer.put(1, [first])
            waiting = asyncio.create_task(writer.put(1, [second]))
            await fake.attempted.wait()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            fake.open.set()
            await outcomes.wait_for(2)
    assert outcomes.durable == [first, second]


async def test_where_there_is_room_put_does_not_wait(fake: FakeStore) -> None:
    """A put returns without giving way, so that nothing can come between."""
    fake.open.clear()
    writer = StoreWriter(fake.write)
    put = writer.put(1, segments(1))
    with pytest.raises(StopIteration):
        put.send(None)
    await writer.put(1, [])
    assert writer.waiting_records == 1
    await writer.aclose(timeout_seconds=0)


async def test_a_put_larger_than_the_queue_passes(fake: FakeStore, outcomes: Outcomes) -> None:
    """A submission that never fits is written, in one batch."""
    records: list[Record] = [*segments(3)]
    async with StoreWriter(fake.write, max_waiting=Limits(1, 1), max_batch=Limits(1, 1)) as writer:
        with listening(writer, outcomes):
            await writer.put(1, records)
            await outcomes.wait_for(3)
    assert fake.batches == [records]


async def test_an_outage_is_told_once_and_loses_nothing(fake: FakeStore, outcomes: Outcomes) -> None:
    """During an outage the records wait; its begin and its end are told."""
    availability: list[bool] = []
    away = asyncio.Event()

    def note(is_available: bool) -> None:
        availability.append(is_available)
        away.set()

    fake.is_away = True
    async with StoreWriter(fake.write, on_availability=note, max_retry_delay_seconds=0.01) as writer:
        with listening(writer, outcomes):
            await writer.put(1, segments(1))
            await away.wait()
            assert not writer.is_available
            fake.is_away = False
            await outcomes.wait_for(1)
    assert availability == [False, True]


async def test_a_failing_callback_stops_nobody(fake: FakeStore, outcomes: Outcomes) -> None:
    """An error in one session's callback is logged, and others' records are stored."""

    def fail(_: Record) -> None:
        raise RuntimeError("a session's mistake")

    with capture_logs() as logs:
        async with StoreWriter(fake.write) as writer:
            with writer.listening("other", 1, fail, outcomes.receive_refused), listening(writer, outcomes):
                await writer.put(1, segments(1, "other"))
                await writer.put(1, segments(1))
                await outcomes.wait_for(1)
    assert outcomes.durable == segments(1)
    assert [entry["event"] for entry in logs] == ["a callback of the store writer failed"]


async def test_nobody_has_to_listen(fake: FakeStore, outcomes: Outcomes) -> None:
    """Records are stored also after their session's listener has gone; nothing is told to it any more."""
    async with StoreWriter(fake.write) as writer:
        with listening(writer, outcomes):
            pass
        await writer.put(1, segments(2))
        assert await writer.aclose(timeout_seconds=5)
    assert (fake.stored, outcomes.told) == (segments(2), [])


async def test_closing_writes_what_waits(fake: FakeStore, outcomes: Outcomes) -> None:
    """Closing drains the queue and then takes nothing more."""
    writer = StoreWriter(fake.write)
    await writer.put(1, segments(1))
    writer.start()
    assert await writer.aclose(timeout_seconds=5)
    assert fake.stored == segments(1)
    with pytest.raises(UnavailableError):
        await writer.put(1, segments(1))


async def test_closing_during_an_outage_gives_up_in_time(fake: FakeStore) -> None:
    """With the database away, closing ends after its timeout and says that something is not durable."""
    fake.is_away = True
    writer = StoreWriter(fake.write)
    writer.start()
    await writer.put(1, segments(1))
    assert not await writer.aclose(timeout_seconds=0.05)
    assert fake.stored == []


async def test_closing_releases_who_waits(fake: FakeStore) -> None:
    """A session that waits for room is not held up by the end of the server."""
    fake.open.clear()
    writer = StoreWriter(fake.write, max_waiting=Limits(1, MANY_BYTES))
    writer.start()
    waiting = asyncio.create_task(writer.put(1, segments(2)))
    await fake.attempted.wait()
    assert not await writer.aclose(timeout_seconds=0)
    await waiting


async def test_a_dead_writer_takes_nothing(fake: FakeStore) -> None:
    """A mistake of our own that ends the writing is logged, releases who waits, and fails every put from then on."""
    availability: list[bool] = []
    fake.open.clear()

    async def write(entries: Sequence[Entry]) -> Collection[tuple[str, int]]:
        await fake.write(entries)
        return cast("Collection[tuple[str, int]]", None)  # not what `Write` promises

    writer = StoreWriter(write, on_availability=availability.append, max_waiting=Limits(1, MANY_BYTES))
    writer.start()
    with capture_logs() as logs:
        waiting = asyncio.create_task(writer.put(1, segments(2)))
        await fake.attempted.wait()
        fake.open.set()
        for putting in (waiting, writer.put(1, segments(1))):
            with pytest.raises(UnavailableError):
                await asyncio.wait_for(putting, 10)
    assert [entry["event"] for entry in logs] == ["the store writer is dead: restart the gateway"]
    assert availability == [False]
    with pytest.raises(TypeError):
        await writer.aclose(timeout_seconds=5)


async def test_a_refusal_that_nobody_hears_is_logged(fake: FakeStore) -> None:
    """Also a record without a listener leaves a trace in the log, without its text."""
    poison = replace(segments(1)[0], text=POISON)
    with capture_logs() as logs:
        async with StoreWriter(fake.write) as writer:
            await writer.put(1, [poison])
    assert [(entry["session_id"], entry["error"]) for entry in logs] == [("talk", PoisonError.__name__)]


@pytest.fixture
def server(outage_folder: Path) -> Iterator[Callable[[], Postgres]]:
    started: list[Postgres] = []

    def start() -> Postgres:
        started.append(Postgres.start(outage_folder))
        return started[-1]

    yield start
    started[-1].stop()


@pytest.fixture
async def restartable(server: Callable[[], Postgres]) -> AsyncIterator[tuple[Postgres, Database]]:
    running = server()
    database = await Database.open(running.url)
    await database.migrate()
    yield running, database
    await database.aclose()


async def test_a_restarted_database_loses_and_doubles_nothing(
    restartable: tuple[Postgres, Database], server: Callable[[], Postgres], outcomes: Outcomes
) -> None:
    """With PostgreSQL stopped and started between and during writes, every record is stored exactly once."""
    running, database = restartable
    session, session_log, away = examples.session(), SessionLog(database), asyncio.Event()
    await SessionTable(database).insert(session, examples.TOKEN_HASH, examples.REPLICA)
    records = segments(300, session.session_id)
    writer = StoreWriter(
        session_log.write,
        max_batch=Limits(5, MANY_BYTES),
        max_retry_delay_seconds=0.1,
        on_availability=lambda _: away.set(),
    )
    writer.start()
    with listening(writer, outcomes, session.session_id):
        for record in records[:200]:
            await writer.put(1, [record])
        await outcomes.wait_for(20)
        running.stop()
        for record in records[200:]:
            await writer.put(1, [record])
        await away.wait()
        server()
        await outcomes.wait_for(280)
        assert await writer.aclose(timeout_seconds=5)
    assert outcomes.durable == records
    assert await session_log.read_records(session.session_id) == records
