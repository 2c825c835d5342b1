"""The writer with a folder to spill to: outages longer than the memory, crashes, full disks, and all of it at once."""

import asyncio
import errno
import signal
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.store.database import Database
from gateway.store.records import PositionRecord, Record
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.store.spill import SpillFolder
from gateway.store.submission import Limits
from gateway.store.writer import StoreWriter
from livetranslate.errors import FailedPreconditionError, InternalError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples
from tests.gateway.examples import segments
from tests.gateway.store.fakes import POISON, FakeStore, Outcomes, PoisonError

SMALL = Limits(10, 1 << 30)
SHORT = 0.002  # between attempts


def files(path: Path) -> list[str]:
    return [file.name for file in path.iterdir()]


@pytest.fixture
def fake() -> FakeStore:
    return FakeStore()


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


def spilling(fake: FakeStore, path: Path, max_file_bytes: int = 1 << 30) -> StoreWriter:
    folder = SpillFolder(path, max_file_bytes=max_file_bytes)
    return StoreWriter(
        fake.write, spill=folder, max_waiting=SMALL, max_batch=Limits(7, 1 << 30), max_retry_delay_seconds=SHORT
    )


async def test_a_long_outage_goes_to_the_file(fake: FakeStore, outcomes: Outcomes, tmp_path: Path) -> None:
    """Nobody waits for a database that is away; when it is back everything is stored in order and the file is gone."""
    fake.is_away = True
    writer = spilling(fake, tmp_path)
    writer.start()
    records = segments(200)
    with writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
        for record in records:
            await asyncio.wait_for(writer.put(1, [record]), 10)
        assert writer.waiting_records == 200
        assert writer.spilled_records >= 200 - SMALL.record_count
        assert len(files(tmp_path)) == 1
        assert writer.spilled_bytes > 0
        fake.is_away = False
        await outcomes.wait_for(200)
    assert await writer.aclose(timeout_seconds=5)
    assert outcomes.durable == fake.stored == records
    assert files(tmp_path) == []
    assert (writer.waiting_records, writer.spilled_records, writer.spilled_bytes) == (0, 0, 0)
    assert await writer.aclose(timeout_seconds=5)  # again, and nothing happens


async def test_what_closing_leaves_the_next_process_stores(fake: FakeStore, tmp_path: Path) -> None:
    """What the database did not take in time is stored, in order, before anything that is put later."""
    fake.is_away = True
    writer = spilling(fake, tmp_path)
    writer.start()
    for record in segments(50):
        await writer.put(3, [record])
    assert not await writer.aclose(timeout_seconds=0)
    fake.is_away = False
    later = spilling(fake, tmp_path)
    await later.put(1, segments(1, "other"))
    later.start()
    assert await later.aclose(timeout_seconds=10)
    assert fake.stored == [*segments(50), *segments(1, "other")]
    assert files(tmp_path) == []


async def test_two_gateways_share_a_folder(fake: FakeStore, tmp_path: Path) -> None:
    """Each spills to its own file, and neither touches the other's while it lives."""
    fake.is_away = True
    first, second = spilling(fake, tmp_path), spilling(fake, tmp_path)
    for writer, session_id in ((first, "first"), (second, "second")):
        writer.start()
        for record in segments(30, session_id):
            await writer.put(1, [record])
    assert len(files(tmp_path)) == 2
    fake.is_away = False
    assert await second.aclose(timeout_seconds=10)
    assert await first.aclose(timeout_seconds=10)
    for session_id in ("first", "second"):
        assert [record for record in fake.stored if record.session_id == session_id] == segments(30, session_id)
    assert sum(map(len, fake.batches)) == 60


async def test_a_full_disk_loses_nothing(fake: FakeStore, outcomes: Outcomes, tmp_path: Path) -> None:
    """With database and disk both refusing, sessions wait; a log says so, once; nothing is lost."""
    fake.is_away = True
    with capture_logs() as logs:
        writer = spilling(fake, tmp_path, max_file_bytes=10_000)
        writer.start()
        records = segments(100)

        async def put_all() -> None:
            for record in records:
                await writer.put(1, [record])

        with writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
            putting = asyncio.create_task(put_all())
            await attempted_until(fake, lambda: bool(logs))
            before = fake.attempts
            await attempted_until(fake, lambda: fake.attempts >= before + 20)
            assert not putting.done()
            fake.is_away = False
            await putting
            await outcomes.wait_for(100)
        assert await writer.aclose(timeout_seconds=10)
    assert outcomes.durable == fake.stored == records
    assert [entry["event"] for entry in logs] == ["the spill file cannot be written: sessions wait"]


async def attempted_until(fake: FakeStore, is_enough: Callable[[], bool]) -> None:
    """Wait while the database is tried, until something is the case."""
    async with asyncio.timeout(60):
        while not is_enough():
            fake.attempted.clear()
            await fake.attempted.wait()


async def test_a_folder_that_cannot_be_written_stops_nothing(fake: FakeStore, tmp_path: Path) -> None:
    """Without a place to spill to, the writer writes on."""
    (tmp_path / "file").touch()
    writer = spilling(fake, tmp_path / "file" / "spill")
    writer.start()
    for record in segments(50):
        await writer.put(1, [record])
    assert await writer.aclose(timeout_seconds=10)
    assert fake.stored == segments(50)


async def test_a_file_that_cannot_be_emptied_stops_nothing(
    fake: FakeStore, outcomes: Outcomes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When all in the file is stored and it cannot be cut, that is logged, and the next outage begins it anew."""
    loop, refused = asyncio.get_running_loop(), asyncio.Semaphore(0)

    def refuse(*_: object) -> None:
        loop.call_soon_threadsafe(refused.release)
        raise OSError(errno.EIO, "Input/output error")

    writer = spilling(fake, tmp_path)
    writer.start()
    records = segments(120)
    with capture_logs() as logs, writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
        for part in (records[:60], records[60:]):
            fake.is_away = True
            for record in part:
                await writer.put(1, [record])
            with monkeypatch.context() as patching:
                patching.setattr("os.ftruncate", refuse)
                fake.is_away = False
                await outcomes.wait_for(60)
                await asyncio.wait_for(refused.acquire(), 30)
        assert await writer.aclose(timeout_seconds=5)
    assert "the spill file cannot be emptied" in [entry["event"] for entry in logs]
    assert outcomes.durable == fake.stored == records
    assert files(tmp_path) == []


async def test_poison_in_the_file_spoils_itself_alone(fake: FakeStore, outcomes: Outcomes, tmp_path: Path) -> None:
    """A record that the database refuses for good is refused alone, also after it was spilled."""
    fake.is_away = True
    writer = spilling(fake, tmp_path)
    writer.start()
    records = segments(40)
    records[20] = replace(records[20], text=POISON)
    with capture_logs(), writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
        for record in records:
            await writer.put(1, [record])
        fake.is_away = False
        await outcomes.wait_for(40)
    await writer.aclose(timeout_seconds=5)
    assert [record for record, _ in outcomes.refused] == [records[20]]
    assert outcomes.told == records


async def test_nothing_is_stored_behind_what_is_lost(fake: FakeStore, outcomes: Outcomes, tmp_path: Path) -> None:
    """When the file is damaged, no later record of its sessions is stored as if nothing were missing; others are."""
    fake.is_away = True
    records = segments(60)
    with capture_logs() as logs:
        writer = spilling(fake, tmp_path)
        writer.start()
        with writer.listening("talk", 1, outcomes.receive_durable, outcomes.receive_refused):
            for record in records:
                await writer.put(1, [record])
            for name in files(tmp_path):
                damage(tmp_path / name)
            fake.is_away = False
            async with asyncio.timeout(60):
                for _ in iter(lambda: writer.waiting_records, 0):
                    await asyncio.sleep(0)
            later = PositionRecord("talk", 1_000_000, b"state")
            await writer.put(1, [later])
            await writer.put(1, segments(1, "other"))
            await writer.aclose(timeout_seconds=10)
    assert outcomes.told[-1] == later
    stored = [record for record in fake.stored if record.session_id == "talk"]
    assert stored == records[: len(stored)]
    assert len(stored) < 60
    assert [record for record in fake.stored if record.session_id == "other"] == segments(1, "other")
    assert {type(error) for _, error in outcomes.refused} == {InternalError}
    assert [entry["event"] for entry in logs] == ["a part of the spill file cannot be read and is lost"]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


CRASHING = """
import asyncio, sys
from pathlib import Path
from tests.gateway.store.test_writer_spill import crash_in_an_outage

asyncio.run(crash_in_an_outage(Path(sys.argv[1]), sys.argv[2]))
"""


async def crash_in_an_outage(path: Path, session_id: str) -> None:
    """What a process does until it is killed: it puts finals, each with the position behind it."""
    fake = FakeStore()
    fake.is_away = True
    writer = spilling(fake, path)
    writer.start()
    for number in range(1, 1_000_000):
        segment = examples.segment(session_id, number, number)
        await writer.put(1, [segment])
        await writer.put(1, [PositionRecord(session_id, segment.end_sample, b"state")])
        sys.stdout.write(f"{writer.spilled_records}\n")
        sys.stdout.flush()


async def spill_and_kill(path: Path, session_id: str, record_count: int) -> int:
    """Let a process spill so many records and kill it; returns how many it knew to be in the file."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASHING, str(path), session_id, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    spilled = 0
    while spilled < record_count:
        spilled = int(await process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    return spilled


@pytest.mark.parametrize("record_count", [1, 100, 301])
async def test_a_killed_gateways_finals_are_stored(
    table: SessionTable, session_log: SessionLog, tmp_path: Path, record_count: int
) -> None:
    """After kill -9 in an outage the next gateway stores what was spilled: gapless, no position before its finals."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    spilled = await spill_and_kill(tmp_path, session.session_id, record_count)
    async with StoreWriter(session_log.write, spill=SpillFolder(tmp_path)):
        pass
    stored = await session_log.read_records(session.session_id)
    assert stored == segments(len(stored), session.session_id)
    assert len(stored) >= spilled // 2
    taken = await table.take_over(session.session_id, examples.TOKEN_HASH, "other")
    assert taken.position_sample <= (stored[-1].end_sample if stored else 0)
    assert files(tmp_path) == []


async def test_a_late_replay_does_no_harm(table: SessionTable, session_log: SessionLog, tmp_path: Path) -> None:
    """What a killed gateway has spilled is dropped when its session has been taken over since."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    await spill_and_kill(tmp_path, session.session_id, 50)
    await table.take_over(session.session_id, examples.TOKEN_HASH, "other")
    async with StoreWriter(session_log.write, spill=SpillFolder(tmp_path)):
        pass
    assert await session_log.read_records(session.session_id) == []
    assert files(tmp_path) == []


async def test_a_long_outage_of_postgres(outage_folder: Path, outcomes: Outcomes, tmp_path: Path) -> None:
    """With PostgreSQL stopped for longer than the memory lasts, every record is stored exactly once, in order."""
    server = Postgres.start(outage_folder)
    database = await Database.open(server.url)
    await database.migrate()
    session, session_log = examples.session(), SessionLog(database)
    await SessionTable(database).insert(session, examples.TOKEN_HASH, examples.REPLICA)
    records = segments(400, session.session_id)
    writer = StoreWriter(
        session_log.write, spill=SpillFolder(tmp_path), max_waiting=SMALL, max_batch=Limits(20, 1 << 30)
    )
    writer.start()
    with writer.listening(session.session_id, 1, outcomes.receive_durable, outcomes.receive_refused):
        for record in records[:100]:
            await writer.put(1, [record])
        await outcomes.wait_for(10)
        server.stop()
        for record in records[100:]:
            await writer.put(1, [record])
        server = Postgres.start(outage_folder)
        await outcomes.wait_for(390)
    assert await writer.aclose(timeout_seconds=5)
    assert outcomes.durable == records
    assert await session_log.read_records(session.session_id) == records
    await database.aclose()
    server.stop()


SESSIONS = ("first", "second", "taken over")
PUTS = st.tuples(st.sampled_from(SESSIONS), st.lists(st.booleans(), min_size=1, max_size=6))  # True: poisoned
ACTIONS = st.one_of(PUTS, st.sampled_from(["away", "back", "hold", "let go", "give way", "cancel"]))


@settings(deadline=None, max_examples=150)
@given(st.lists(ACTIONS, max_size=60), st.sampled_from([1, 4_000, 1 << 20]), st.booleans())
def test_whatever_happens_each_record_is_told_once(
    actions: list[str | tuple[str, list[bool]]], max_file_bytes: int, is_restarted: bool
) -> None:
    """Any mix of puts, outages, held writes, refusals, cancellations and full disks keeps the laws of the writer.

    Every record is told once, in the order of its session's puts; what is told to be durable is stored, and what is
    stored is in that order. Closed in an outage, the writer leaves what is missing to the next one.
    """
    with TemporaryDirectory() as folder, capture_logs():
        asyncio.run(_play(actions, Path(folder), max_file_bytes, is_restarted))


async def _play(
    actions: list[str | tuple[str, list[bool]]], path: Path, max_file_bytes: int, is_restarted: bool
) -> None:
    fake = FakeStore(superseded={("taken over", 1)})
    writer = spilling(fake, path, max_file_bytes)
    outcomes, put = {session_id: Outcomes() for session_id in SESSIONS}, defaultdict[str, list[Record]](list)
    tasks: list[asyncio.Task[None]] = []
    commands: dict[str, Callable[[], object]] = {
        "away": lambda: setattr(fake, "is_away", True),
        "back": lambda: setattr(fake, "is_away", False),
        "hold": fake.open.clear,
        "let go": fake.open.set,
        "give way": lambda: None,
        "cancel": lambda: tasks and tasks[-1].cancel(),
    }
    with ExitStack() as stack:
        for session_id, heard in outcomes.items():
            stack.enter_context(writer.listening(session_id, 1, heard.receive_durable, heard.receive_refused))
        writer.start()
        for action in actions:
            if isinstance(action, str):
                commands[action]()
            else:
                records = _records(action[0], len(put[action[0]]), action[1])
                put[action[0]] += records
                tasks.append(asyncio.create_task(writer.put(1, records)))
            await asyncio.sleep(0)
        await _end(writer, fake, path, is_restarted=is_restarted, is_roomy=max_file_bytes > 4_000)
    await asyncio.gather(*tasks, return_exceptions=True)
    for session_id, heard in outcomes.items():
        _check(put[session_id], heard, fake, is_taken_over=session_id == "taken over", is_restarted=is_restarted)


async def _end(writer: StoreWriter, fake: FakeStore, path: Path, *, is_restarted: bool, is_roomy: bool) -> None:
    if is_restarted and is_roomy:
        await writer.aclose(timeout_seconds=0)
        fake.is_away = False
        fake.open.set()
        async with spilling(fake, path):
            pass
    else:
        fake.is_away = False
        fake.open.set()
        assert await writer.aclose(timeout_seconds=30)
    assert files(path) == []


def _records(session_id: str, number: int, poisoned: list[bool]) -> list[Record]:
    return [
        replace(examples.segment(session_id, number + place, number + place), text=POISON if is_poisoned else "word")
        for place, is_poisoned in enumerate(poisoned, 1)
    ]


def _check(put: list[Record], heard: Outcomes, fake: FakeStore, *, is_taken_over: bool, is_restarted: bool) -> None:
    good = [record for record in put if getattr(record, "text", "") != POISON]
    stored = [record for record in fake.stored if record.session_id == put[0].session_id] if put else []
    assert stored == ([] if is_taken_over else good)
    assert heard.told == put[: len(heard.told)]
    assert is_restarted or heard.told == put
    for _, error in heard.refused:
        assert isinstance(error, FailedPreconditionError if is_taken_over else PoisonError)
    assert all(record in good for record in heard.durable)
