"""Keeps the sessions' states true: orphans are suspended, windows end, what has expired is deleted.

Every replica runs one; they need no leader. Each change is made under its rows' locks, and rows that somebody else
works on are left to him. The jobs run beside one another: what holds up one holds up no other.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from gateway.store.database import Database
from gateway.store.deletion import delete_expired
from gateway.store.leases import Leases
from gateway.store.notify import notify_all, payload
from gateway.store.states import Change, allows, ending
from livetranslate.errors import UnavailableError

log = structlog.get_logger()

_BATCH = 100  # sessions a transaction

_BEAT = """
    INSERT INTO replicas (replica_id, beat_count, beat_time) VALUES ($1, 1, now())
    ON CONFLICT (replica_id) DO UPDATE SET beat_count = replicas.beat_count + 1, beat_time = now()
"""
_SELECT_BEATS = """
    SELECT replica_id, beat_count FROM replicas
    FULL JOIN (SELECT DISTINCT replica_id FROM sessions WHERE state = 'active') AS owner USING (replica_id)
    WHERE replica_id <> $1
"""
_SUSPEND_ORPHANS = f"""
    UPDATE sessions SET state = 'suspended', resume_until = now() + make_interval(secs => $3)
    WHERE session_id IN (
        SELECT session_id FROM sessions WHERE replica_id = $1 AND {allows(Change.SUSPEND)}
        FOR NO KEY UPDATE SKIP LOCKED
    ) AND NOT EXISTS (SELECT FROM replicas WHERE replica_id = $1 AND beat_count IS DISTINCT FROM $2)
    RETURNING session_id
"""  # noqa: S608 - constants
_FORGET = """
    DELETE FROM replicas WHERE replica_id = $1 AND beat_count = $2
    AND NOT EXISTS (SELECT FROM sessions WHERE replica_id = $1 AND state = 'active')
"""
_SELECT_OWN = "SELECT session_id, generation FROM sessions WHERE replica_id = $1 AND state = 'active'"
_OF = """
    session_id IN (
        SELECT session_id FROM sessions JOIN unnest($1::text[], $2::bigint[]) AS given (session_id, generation)
        USING (session_id, generation) FOR NO KEY UPDATE OF sessions SKIP LOCKED
    )
"""
_SUSPEND_LOST = f"""
    UPDATE sessions SET state = 'suspended', resume_until = now() + make_interval(secs => $3)
    WHERE {_OF} AND {allows(Change.SUSPEND)} RETURNING session_id
"""  # noqa: S608 - constants
_RETURN = f"""
    UPDATE sessions SET state = 'active', resume_until = NULL
    WHERE {_OF} AND {allows(Change.RETURN)} RETURNING session_id
"""  # noqa: S608 - constants
_INTERRUPT = f"""
    UPDATE sessions SET {ending("'interrupted'")} WHERE session_id IN (
        SELECT session_id FROM sessions WHERE state = 'suspended' AND resume_until <= now()
        LIMIT {_BATCH} FOR NO KEY UPDATE SKIP LOCKED
    ) RETURNING session_id
"""  # noqa: S608 - constants


class Housekeeper:
    """The housekeeping of one replica."""

    def __init__(
        self,
        database: Database,
        replica_id: str,
        *,
        window_seconds: float,
        running: Callable[[], Mapping[str, int]] | None = None,
        heartbeat_seconds: float = 1.0,
        lease_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Works on a database whose schema is up to date.

        Args:
            database: The database.
            replica_id: This replica.
            window_seconds: How long an orphan can be resumed.
            running: The sessions that run here, with their generations; None: whatever the database says.
            heartbeat_seconds: Between two signs of life, and two looks at those of others.
            lease_seconds: Who shows no sign of life for so long is dead.
            clock: Seconds that never go back.
        """
        self._database = database
        self._replica_id = replica_id
        self._window_seconds = window_seconds
        self._running = running
        self._heartbeat_seconds = heartbeat_seconds
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._replicas: Leases[str] = Leases(lease_seconds, 2 * heartbeat_seconds)
        self._lost: Leases[tuple[str, int]] = Leases(lease_seconds, 2 * heartbeat_seconds)

    async def run(self) -> None:
        """Keeps house until cancelled, whatever becomes of the database."""
        async with asyncio.TaskGroup() as tasks:
            jobs = (self.beat, self.suspend_orphans, self.set_right, self.end_windows, self.delete_expired)
            for place, job in enumerate(jobs):
                # One after the other: a moment without the database must not look like many failures in a row.
                delay_seconds = self._heartbeat_seconds * place / len(jobs)
                tasks.create_task(self._repeat(job, delay_seconds), name=f"housekeeper: {job.__name__}")

    async def beat(self) -> None:
        """Gives one sign of life."""
        # What others take for our death must not be our waiting for an answer that was lost.
        async with asyncio.timeout(self._lease_seconds / 2), self._database.connection() as connection:
            await connection.execute(_BEAT, self._replica_id)

    async def suspend_orphans(self) -> None:
        """Looks once for signs of life of the others, and suspends the sessions of the dead."""
        beats = await self._read_beats()
        for replica_id in self._replicas.look(beats, self._clock()):
            await self._change("orphaned", _SUSPEND_ORPHANS, replica_id, beats[replica_id], self._window_seconds)
            async with self._database.connection() as connection:
                await connection.execute(_FORGET, replica_id, beats[replica_id])

    async def set_right(self) -> None:
        """Ends what is said to run here and does not; takes back what others thought orphaned and is not."""
        if self._running is None:
            return
        known = set(self._running().items())
        async with self._database.connection() as connection:
            found = await connection.fetch(_SELECT_OWN, self._replica_id)
        said = {(row["session_id"], row["generation"]) for row in found}
        if lost := self._lost.look(dict.fromkeys(said - known), self._clock()):
            await self._change("lost", _SUSPEND_LOST, *map(list, zip(*lost, strict=True)), self._window_seconds)
        if known - said:
            await self._change("returned", _RETURN, *map(list, zip(*(known - said), strict=True)))

    async def end_windows(self) -> None:
        """Interrupts the suspended sessions that nobody has resumed in time."""
        while await self._change("interrupted", _INTERRUPT) == _BATCH:
            pass

    async def delete_expired(self) -> None:
        """Deletes the sessions whose retention is over."""
        await delete_expired(self._database)

    async def _repeat(self, job: Callable[[], Awaitable[None]], delay_seconds: float) -> None:
        await asyncio.sleep(delay_seconds)
        while True:
            try:
                await job()
            except (UnavailableError, TimeoutError) as error:
                log.debug("housekeeping waits for the database", job=job.__name__, error=type(error).__name__)
            except Exception:
                log.exception("housekeeping failed", job=job.__name__)
            await asyncio.sleep(self._heartbeat_seconds)

    async def _read_beats(self) -> dict[str, int | None]:
        """The signs of life of all others that have shown one, or have sessions."""
        try:
            async with self._database.connection() as connection:
                found = await connection.fetch(_SELECT_BEATS, self._replica_id)
        except Exception:
            self._replicas.restart()  # they could not give a sign either
            raise
        return {row["replica_id"]: row["beat_count"] for row in found}

    async def _change(self, what: str, sql: str, *arguments: object) -> int:
        """Changes sessions and tells who follows them; returns how many."""
        async with self._database.transaction() as connection:
            session_ids = [row["session_id"] for row in await connection.fetch(sql, *arguments)]
            if session_ids:
                await notify_all(connection, [payload("state", session_id=session_id) for session_id in session_ids])
        for session_id in session_ids:
            log.info("session changed by the housekeeper", session_id=session_id, change=what)
        return len(session_ids)
