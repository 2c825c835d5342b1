"""The write-behind queue, on a fake database and on the real one: the same rules hold on both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.store.postgres import PostgresStore
from gateway.store.records import Record, SessionRecord
from gateway.store.writer import StoreWriter, Write
from livetranslate.errors import UnavailableError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples


class FakeDatabase:
    """Keeps what is written, by event number; can be away, and can be held in the middle of a write."""

    def __init__(self, session_ids: set[str]) -> None:
        self.session_ids = session_ids
        self.batches: list[list[Record]] = []
        self.stored: dict[int, Record] = {}
        self.is_away = False
        self.attempted = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, records: Sequence[Record]) -> None:
        self.attempted.set()
        await self.open.wait()
        if self.is_away:
            raise UnavailableError("DATABASE_UNAVAILABLE", "away")
        if any(record.session_id not in self.session_ids for record in records):
            raise LookupError("no such session")
        self.batches.append(list(records))
        self.stored = {record.event_number: record for record in records} | self.stored

    async def read(self, _: str) -> list[Record]:
        return [self.stored[number] for number in sorted(self.stored)]


class Outcomes:
    """What the writer told about the records put."""

    def __init__(self) -> None:
        self.durable: list[int] = []
        self.refused: list[int] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    async def put(self, writer: StoreWriter, record: Record) -> None:
        number = record.event_number
        await writer.put([record], lambda: self._note(self.durable, number), lambda _: self._note(self.refused, number))

    def _note(self, outcomes: list[int], number: int) -> None:
        outcomes.append(number)
        task = asyncio.get_running_loop().create_task(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(lambda: len(self.durable) + len(self.refused) >= count)


@dataclass
class Database:
    """The fake or the real one, with one session open in it."""

    write: Write
    read: Callable[[str], Awaitable[list[Record]]]
    session: SessionRecord


@pytest.fixture(params=["fake", "real"])
async def database(request: pytest.FixtureRequest, store: PostgresStore) -> AsyncIterator[Database]:
    session = examples.session()
    if request.param == "fake":
        fake = FakeDatabase({session.session_id})
        yield Database(fake.write, fake.read, session)
    else:
        await store.insert_session(session)
        yield Database(store.write, store.read_records, session)


@pytest.fixture
def session_id() -> str:
    return "talk"


@pytest.fixture
def fake(session_id: str) -> FakeDatabase:
    return FakeDatabase({session_id})


async def test_what_is_put_becomes_durable_in_order(database: Database) -> None:
    """Every record is stored, and told to be after it is."""
    outcomes = Outcomes()
    records = [examples.segment(database.session.session_id, number, number) for number in range(1, 51)]
    async with StoreWriter(database.write) as writer:
        for record in records:
            await outcomes.put(writer, record)
        await outcomes.wait_for(50)
    assert outcomes.durable == [record.event_number for record in records]
    assert await database.read(database.session.session_id) == records


async def test_a_record_put_twice_is_stored_once(database: Database) -> None:
    """A replay is durable at once and changes nothing."""
    outcomes = Outcomes()
    record = examples.segment(database.session.session_id, 1)
    async with StoreWriter(database.write) as writer:
        await outcomes.put(writer, record)
        await outcomes.put(writer, record)
        await outcomes.wait_for(2)
    assert await database.read(database.session.session_id) == [record]


async def test_one_bad_submission_spoils_no_other(database: Database) -> None:
    """A record that the database will never take is refused alone; those in its batch are stored."""
    outcomes = Outcomes()
    good = [examples.segment(database.session.session_id, number, number) for number in (1, 3)]
    writer = StoreWriter(database.write)
    await outcomes.put(writer, good[0])
    await outcomes.put(writer, examples.segment("nobody", 2))
    await outcomes.put(writer, good[1])
    writer.start()
    await outcomes.wait_for(3)
    assert await writer.aclose(timeout_seconds=5)
    assert (outcomes.durable, outcomes.refused) == ([1, 3], [2])
    assert await database.read(database.session.session_id) == good


async def test_what_waits_is_written_together(fake: FakeDatabase, session_id: str) -> None:
    """Records put during a write go out in the next one, up to the batch's size."""
    outcomes = Outcomes()
    fake.open.clear()
    async with StoreWriter(fake.write, max_batch_records=4) as writer:
        await outcomes.put(writer, examples.segment(session_id, 1, 1))
        await fake.attempted.wait()
        for number in range(2, 8):
            await outcomes.put(writer, examples.segment(session_id, number, number))
        fake.open.set()
        await outcomes.wait_for(7)
    assert [len(batch) for batch in fake.batches] == [1, 4, 2]


async def test_a_full_queue_makes_put_wait(fake: FakeDatabase, session_id: str) -> None:
    """Beyond its size the queue takes nothing until something is stored."""
    outcomes = Outcomes()
    fake.open.clear()
    async with StoreWriter(fake.write, max_waiting_records=2) as writer:
        for number in (1, 2):
            await outcomes.put(writer, examples.segment(session_id, number, number))
        third = asyncio.ensure_future(outcomes.put(writer, examples.segment(session_id, 3, 3)))
        await fake.attempted.wait()
        assert not third.done()
        assert writer.waiting_records == 2
        fake.open.set()
        await third
        await outcomes.wait_for(3)
    assert outcomes.durable == [1, 2, 3]


async def test_a_put_larger_than_the_queue_passes_alone(fake: FakeDatabase, session_id: str) -> None:
    """A submission that never fits is taken when nothing else waits."""
    outcomes = Outcomes()
    async with StoreWriter(fake.write, max_waiting_records=1, max_batch_records=1) as writer:
        records = [examples.segment(session_id, number, number) for number in (1, 2)]
        await writer.put(records, lambda: outcomes.durable.append(2), lambda _: None)
    assert outcomes.durable == [2]
    assert fake.batches == [records]


async def test_an_outage_is_told_once_and_loses_nothing(fake: FakeDatabase, session_id: str) -> None:
    """During an outage the records wait; its begin and its end are told."""
    outcomes = Outcomes()
    availability: list[bool] = []
    away = asyncio.Event()

    def note(is_available: bool) -> None:
        availability.append(is_available)
        away.set()

    fake.is_away = True
    async with StoreWriter(fake.write, on_availability=note, max_retry_delay_seconds=0.01) as writer:
        await outcomes.put(writer, examples.segment(session_id, 1))
        await away.wait()
        assert not writer.is_available
        fake.is_away = False
        await outcomes.wait_for(1)
    assert availability == [False, True]
    assert outcomes.durable == [1]


async def test_a_failing_callback_stops_nobody(fake: FakeDatabase, session_id: str) -> None:
    """An error in one session's callback is logged, and others' records are stored."""

    def fail() -> None:
        raise RuntimeError("a session's mistake")

    outcomes = Outcomes()
    with capture_logs() as logs:
        async with StoreWriter(fake.write) as writer:
            await writer.put([examples.segment(session_id, 1, 1)], fail, lambda _: None)
            await outcomes.put(writer, examples.segment(session_id, 2, 2))
            await outcomes.wait_for(1)
    assert outcomes.durable == [2]
    assert [entry["event"] for entry in logs] == ["a callback of the store writer failed"]


async def test_closing_writes_what_waits(fake: FakeDatabase, session_id: str) -> None:
    """Closing drains the queue and then takes nothing more."""
    outcomes = Outcomes()
    writer = StoreWriter(fake.write)
    await outcomes.put(writer, examples.segment(session_id, 1))
    writer.start()
    assert await writer.aclose(timeout_seconds=5)
    assert outcomes.durable == [1]
    with pytest.raises(UnavailableError):
        await outcomes.put(writer, examples.segment(session_id, 2))


async def test_closing_during_an_outage_gives_up_in_time(fake: FakeDatabase, session_id: str) -> None:
    """With the database away, closing ends after its timeout and says that something is not durable."""
    outcomes = Outcomes()
    fake.is_away = True
    writer = StoreWriter(fake.write)
    writer.start()
    await outcomes.put(writer, examples.segment(session_id, 1))
    assert not await writer.aclose(timeout_seconds=0.05)
    assert outcomes.durable == []


async def test_a_restarted_database_loses_and_doubles_nothing(outage_folder: Path) -> None:
    """With PostgreSQL stopped and started between and during writes, every record is stored exactly once."""
    server = Postgres.start(outage_folder)
    store = await PostgresStore.open(server.url)
    await store.migrate()
    session = examples.session()
    await store.insert_session(session)
    outcomes, away = Outcomes(), asyncio.Event()
    records = [examples.segment(session.session_id, number, number) for number in range(1, 301)]
    writer = StoreWriter(
        store.write, max_batch_records=5, max_retry_delay_seconds=0.1, on_availability=lambda _: away.set()
    )
    writer.start()
    for record in records[:200]:
        await outcomes.put(writer, record)
    await outcomes.wait_for(20)
    server.stop()
    for record in records[200:]:
        await outcomes.put(writer, record)
    await away.wait()
    server = Postgres.start(outage_folder)
    await outcomes.wait_for(300)
    assert await writer.aclose(timeout_seconds=5)
    assert outcomes.durable == [record.event_number for record in records]
    assert await store.read_records(session.session_id) == records
    await store.aclose()
    server.stop()
