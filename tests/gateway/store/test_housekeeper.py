"""The housekeeper on a real PostgreSQL. Beats and sweeps are called by hand, on a clock of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.store.database import Database
from gateway.store.housekeeper import Housekeeper
from gateway.store.leases import Leases
from gateway.store.records import AudioRecord, Entry, SessionRecord, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.errors import NotFoundError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples

LEASE_SECONDS = 5


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class NotedRestarts(Leases[str]):
    """Counts how often it was told to begin anew."""

    def __init__(self) -> None:
        super().__init__(LEASE_SECONDS, LEASE_SECONDS)
        self.restarts = asyncio.Semaphore(0)

    def restart(self) -> None:
        super().restart()
        self.restarts.release()


class Replica:
    """A housekeeper and what runs on its replica."""

    def __init__(self, database: Database, clock: Clock, replica_id: str, window_seconds: float = 60) -> None:
        self.running: dict[str, int] = {}
        self.housekeeper = Housekeeper(
            database,
            replica_id,
            window_seconds=window_seconds,
            running=lambda: self.running,
            lease_seconds=LEASE_SECONDS,
            clock=clock,
        )

    async def sweep(self) -> None:
        """Do once what there is to do."""
        await self.housekeeper.suspend_orphans()
        await self.housekeeper.set_right()
        await self.housekeeper.end_windows()
        await self.housekeeper.delete_expired()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def own(postgres: Postgres) -> AsyncIterator[Database]:
    """A database of the test's own: housekeepers look after everything that is in one."""
    everywhere = await Database.open(postgres.url)
    async with everywhere.connection() as connection:
        await connection.execute("DROP DATABASE IF EXISTS kept")
        await connection.execute("CREATE DATABASE kept")
    database = await Database.open(postgres.url.replace("/postgres?", "/kept?"))
    await database.migrate()
    yield database
    await database.aclose()
    await everywhere.aclose()


async def opened(database: Database, replica_id: str, retention_seconds: int | None = None) -> SessionRecord:
    session = replace(examples.session(), retention_seconds=retention_seconds)
    await SessionTable(database).insert(session, examples.TOKEN_HASH, replica_id)
    return session


async def state_of(database: Database, session: SessionRecord) -> SessionState:
    return (await SessionTable(database).get(session.session_id)).state


async def pass_lease(clock: Clock, watcher: Replica, *living: Replica) -> None:
    for _ in range(LEASE_SECONDS + 1):
        for replica in (watcher, *living):
            await replica.housekeeper.beat()
        await watcher.sweep()
        clock.now += 1


async def test_a_dead_replicas_sessions_are_suspended(own: Database, clock: Clock) -> None:
    """When a replica gives no sign for the lease, its sessions can be resumed; those of living ones go on."""
    dead, alive, watcher = (Replica(own, clock, name) for name in ("dead", "alive", "watcher"))
    await dead.housekeeper.beat()
    orphan, other = await opened(own, "dead"), await opened(own, "alive")
    await pass_lease(clock, watcher, alive)
    assert await state_of(own, orphan) is SessionState.SUSPENDED
    assert await state_of(own, other) is SessionState.ACTIVE
    assert (await SessionTable(own).take_over(orphan.session_id, examples.TOKEN_HASH, "alive")).generation == 2


async def test_a_replica_that_never_gave_a_sign_is_dead_too(own: Database, clock: Clock) -> None:
    """Sessions of a replica that died before its first sign of life are not left behind."""
    orphan = await opened(own, "unborn")
    await pass_lease(clock, Replica(own, clock, "watcher"))
    assert await state_of(own, orphan) is SessionState.SUSPENDED


async def test_dead_replicas_are_forgotten(own: Database, clock: Clock) -> None:
    """No row of a dead replica stays behind."""
    await Replica(own, clock, "dead").housekeeper.beat()
    await pass_lease(clock, Replica(own, clock, "watcher"))
    async with own.connection() as connection:
        left = await connection.fetch("SELECT replica_id FROM replicas")
    assert [row["replica_id"] for row in left] == ["watcher"]


async def test_who_was_only_thought_dead_has_its_sessions_back(own: Database, clock: Clock) -> None:
    """A replica that was stopped for a while makes its running sessions active again, in the same generation."""
    stopped, watcher = Replica(own, clock, "stopped"), Replica(own, clock, "watcher")
    session = await opened(own, "stopped")
    stopped.running[session.session_id] = 1
    await pass_lease(clock, watcher)
    assert await state_of(own, session) is SessionState.SUSPENDED
    await stopped.housekeeper.beat()
    await stopped.sweep()
    assert await state_of(own, session) is SessionState.ACTIVE


async def test_a_session_taken_over_is_not_taken_back(own: Database, clock: Clock) -> None:
    """A replica that still runs an older generation changes nothing about the session."""
    stopped = Replica(own, clock, "stopped")
    session = await opened(own, "stopped")
    stopped.running[session.session_id] = 1
    table = SessionTable(own)
    await table.take_over(session.session_id, examples.TOKEN_HASH, "other")
    await table.suspend(session.session_id, 2, window_seconds=60, sample_count=0)
    await stopped.sweep()
    assert await state_of(own, session) is SessionState.SUSPENDED


async def test_what_does_not_run_here_any_more_is_suspended(own: Database, clock: Clock) -> None:
    """A session whose end could not be stored does not stay active for ever; one that runs does."""
    replica = Replica(own, clock, "replica")
    lost, running = await opened(own, "replica"), await opened(own, "replica")
    replica.running[running.session_id] = 1
    await pass_lease(clock, replica)
    assert await state_of(own, lost) is SessionState.SUSPENDED
    assert await state_of(own, running) is SessionState.ACTIVE


async def test_a_window_that_is_over_ends_the_session(own: Database, clock: Clock) -> None:
    """A suspended session that nobody resumes in time is interrupted, and expires after its retention."""
    session = await opened(own, "replica", retention_seconds=3600)
    waiting = await opened(own, "replica")
    table = SessionTable(own)
    await table.suspend(session.session_id, 1, window_seconds=0, sample_count=16_000)
    await table.suspend(waiting.session_id, 1, window_seconds=60, sample_count=16_000)
    await Replica(own, clock, "replica").sweep()
    ended = await table.get(session.session_id)
    assert ended.state is SessionState.INTERRUPTED
    assert ended.end_time is not None
    assert ended.expire_time is not None
    assert (ended.expire_time - ended.end_time).total_seconds() == 3600
    assert await state_of(own, waiting) is SessionState.SUSPENDED


async def test_what_has_expired_is_deleted_by_several_at_once(own: Database, clock: Clock) -> None:
    """Several housekeepers delete all that has expired, more than a batch, with its audio, and nothing else."""
    expired = [await opened(own, "replica", retention_seconds=0) for _ in range(45)]
    kept = [await opened(own, "replica", retention_seconds=seconds) for seconds in (3600, None)]
    table = SessionTable(own)
    for session in (*expired, *kept):
        await SessionLog(own).write([Entry(1, AudioRecord(session.session_id, 0, b"\0\1"))])
        await table.finish(session.session_id, 1, SessionState.COMPLETED, 1)
    await asyncio.gather(*(Replica(own, clock, f"replica {number}").sweep() for number in range(3)))
    listed, _ = await table.list(1000, "")
    assert {session.session_id for session in listed} == {session.session_id for session in kept}
    async with own.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM audio_pieces") == len(kept)


async def test_an_active_session_is_never_deleted(own: Database, clock: Clock) -> None:
    """Retention begins with the end of a session, also where it is none."""
    session = await opened(own, "replica", retention_seconds=0)
    await Replica(own, clock, "replica").sweep()
    assert await state_of(own, session) is SessionState.ACTIVE


async def test_an_outage_is_survived_and_reaps_nobody(outage_folder: Path, clock: Clock) -> None:
    """It goes on after the database was away; a lease that ran during the outage begins anew."""
    server = Postgres.start(outage_folder)
    database = await Database.open(server.url)
    await database.migrate()
    watcher = Replica(database, clock, "watcher", window_seconds=60)
    leases = watcher.housekeeper._replicas = NotedRestarts()
    session = await opened(database, "other")
    for _ in range(LEASE_SECONDS):
        await watcher.sweep()
        clock.now += 1
    server.stop()
    running = asyncio.create_task(watcher.housekeeper.run())
    await asyncio.wait_for(leases.restarts.acquire(), 10)
    running.cancel()
    await asyncio.wait([running])
    server = Postgres.start(outage_folder)
    clock.now += 1
    await watcher.sweep()
    assert await state_of(database, session) is SessionState.ACTIVE
    await pass_lease(clock, watcher)
    assert await state_of(database, session) is SessionState.SUSPENDED
    await database.aclose()
    server.stop()


async def test_any_mistake_is_logged_and_work_goes_on(own: Database, clock: Clock) -> None:
    """A table that is missing stops nothing."""
    async with own.connection() as connection:
        await connection.execute("ALTER TABLE replicas RENAME TO hidden")
    replica = Replica(own, clock, "replica")
    replica.housekeeper._heartbeat_seconds = 0.001
    leases = replica.housekeeper._replicas = NotedRestarts()
    with capture_logs() as logs:
        running = asyncio.create_task(replica.housekeeper.run())
        async with asyncio.timeout(60):
            for _ in range(4):
                await leases.restarts.acquire()
    async with own.connection() as connection:
        await connection.execute("ALTER TABLE hidden RENAME TO replicas")
        async with asyncio.timeout(60):
            while not await connection.fetchval("SELECT count(*) FROM replicas"):
                pass
    assert logs[0]["event"] == "housekeeping failed"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_deletion_that_fails_stops_nothing_else(own: Database, clock: Clock) -> None:
    """While what has expired cannot be deleted, windows end, leases run, and the deletion is tried again."""
    table = SessionTable(own)
    expired, over, orphan = [await opened(own, name, retention_seconds=0) for name in ("replica", "replica", "dead")]
    await table.finish(expired.session_id, 1, SessionState.COMPLETED, 1)
    await table.suspend(over.session_id, 1, window_seconds=0, sample_count=0)
    await set_name(own, "speech_pieces", "hidden")
    replica = Replica(own, clock, "replica")
    replica.housekeeper._heartbeat_seconds = 0.001
    leases = replica.housekeeper._replicas = NotedRestarts()
    with capture_logs() as logs:
        running = asyncio.create_task(replica.housekeeper.run())
        async with asyncio.timeout(60):
            while await state_of(own, orphan) is SessionState.ACTIVE:
                clock.now += 1
            while await state_of(own, over) is not SessionState.INTERRUPTED:
                pass
        await state_of(own, expired)
        await set_name(own, "hidden", "speech_pieces")
        async with asyncio.timeout(60):
            while (await table.list(10, ""))[0] != [await table.get(orphan.session_id)]:
                pass
    assert leases.restarts.locked()  # not once
    assert {entry["job"] for entry in logs if entry["event"] == "housekeeping failed"} == {"delete_expired"}
    running.cancel()
    await asyncio.wait([running])


async def set_name(database: Database, table: str, name: str) -> None:
    async with database.connection() as connection:
        await connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


async def test_a_deleted_session_is_gone_for_the_housekeeper_too(own: Database, clock: Clock) -> None:
    """A replica that runs a session which no longer exists changes nothing."""
    replica = Replica(own, clock, "replica")
    replica.running["gone"] = 1
    await replica.sweep()
    with pytest.raises(NotFoundError):
        await SessionTable(own).get("gone")
