"""Deleting on a real PostgreSQL, held up in the middle by a lock on one of the last rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.store.database import Database
from gateway.store.deletion import delete_expired, delete_session
from gateway.store.records import AudioRecord, Entry, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.errors import FailedPreconditionError, NotFoundError
from tests.gateway import examples

PIECES = 250


@pytest.fixture
async def session_id(table: SessionTable, session_log: SessionLog) -> str:
    """A suspended session with more audio than is deleted at once."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    pieces = [AudioRecord(session.session_id, number, b"\0\1") for number in range(PIECES)]
    await session_log.write([Entry(1, piece) for piece in pieces])
    await table.suspend(session.session_id, 1, window_seconds=60, sample_count=PIECES)
    return session.session_id


async def count_pieces(database: Database, session_id: str) -> int:
    async with database.connection() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM audio_pieces WHERE session_id = $1", session_id)
    return count


@asynccontextmanager
async def held_up(database: Database, session_id: str) -> AsyncIterator[asyncio.Task[bool]]:
    """A deletion that has come to the last piece and waits there until the end of the block."""
    async with database.transaction() as locking:
        await locking.execute(
            "SELECT FROM audio_pieces WHERE session_id = $1 AND start_sample = $2 FOR UPDATE", session_id, PIECES - 1
        )
        deleting = asyncio.create_task(delete_session(database, session_id))
        async with asyncio.timeout(60):
            while await count_pieces(database, session_id) > PIECES % 100:
                pass
        yield deleting


async def test_a_session_goes_in_parts(database: Database, session_id: str) -> None:
    """What is deleted stays so while the rest is still to come: no statement deletes a whole session."""
    async with held_up(database, session_id) as deleting:
        assert await count_pieces(database, session_id) == PIECES % 100
    assert await deleting
    assert await count_pieces(database, session_id) == 0
    assert not await delete_session(database, session_id)


async def test_nobody_resumes_or_writes_what_is_being_deleted(
    database: Database, table: SessionTable, session_log: SessionLog, session_id: str
) -> None:
    """From the first part on the session has ended, and its owner is none any more."""
    async with held_up(database, session_id) as deleting:
        assert (await table.get(session_id)).state is SessionState.INTERRUPTED
        deleting.cancel()
        await asyncio.wait([deleting])
        with pytest.raises(FailedPreconditionError):
            await table.take_over(session_id, examples.TOKEN_HASH, "other")
        assert await session_log.write([Entry(1, AudioRecord(session_id, PIECES, b"\0\1"))]) == {(session_id, 1)}


async def test_a_deletion_that_was_broken_off_is_finished(
    database: Database, table: SessionTable, session_id: str
) -> None:
    """What a process has begun to delete when it ends has expired."""
    async with held_up(database, session_id) as deleting:
        deleting.cancel()
        await asyncio.wait([deleting])
    await delete_expired(database)
    with pytest.raises(NotFoundError):
        await table.get(session_id)


async def test_two_may_delete_one_session(database: Database, session_id: str) -> None:
    """Both find it gone in the end."""
    async with held_up(database, session_id) as deleting:
        other = asyncio.create_task(delete_session(database, session_id))
    assert await asyncio.gather(deleting, other)
    assert await count_pieces(database, session_id) == 0
