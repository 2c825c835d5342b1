"""Deleting sessions with everything stored of them: part by part, as an hour with its audio is some 100 MB.

Each part is a transaction of its own under the lock of the session's row, so that no statement takes long and nobody
waits long for one. The row goes with the last part. So a deletion that was broken off is taken up by the next one.
"""

from typing import TYPE_CHECKING

import structlog

from gateway.store.database import Database
from gateway.store.notify import notify
from gateway.store.states import Change, allows

if TYPE_CHECKING:
    from gateway.store.database import PoolConnection

log = structlog.get_logger()

_PART = 100  # rows of a table at once; the largest hold some 256 KiB
_TABLES = ("audio_pieces", "speech_pieces", "translations", "segments")  # what refers to a table comes before it

_LOCK_NEXT = f"""
    SELECT session_id FROM sessions WHERE expire_time <= now() AND {allows(Change.DELETE)}
    ORDER BY expire_time LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - constants
_LOCK_ONE = f"SELECT session_id FROM sessions WHERE session_id = $1 AND {allows(Change.DELETE)} FOR UPDATE"  # noqa: S608 - constants
# From here on nobody takes it over or writes to it.
_GIVE_UP = f"""
    UPDATE sessions SET generation = generation + 1, resume_until = NULL,
        state = CASE WHEN state = 'suspended' THEN 'interrupted' ELSE state END,
        end_time = coalesce(end_time, greatest(now(), start_time)),
        expire_time = coalesce(end_time, greatest(now(), start_time))
    WHERE session_id = $1 AND {allows(Change.DELETE)}
"""  # noqa: S608 - constants


async def delete_session(database: Database, session_id: str) -> bool:
    """Deletes one session; returns False where there is none, or it is active.

    Should this be broken off, the session stays behind as an expired one.
    """
    async with database.connection() as connection:
        if await connection.execute(_GIVE_UP, session_id) == "UPDATE 0":
            return False
    while await _delete_part(database, _LOCK_ONE, session_id):
        pass
    return True


async def delete_expired(database: Database) -> None:
    """Deletes all sessions whose time is over, except those that others are at."""
    while await _delete_part(database, _LOCK_NEXT):
        pass


async def _delete_part(database: Database, lock: str, *arguments: str) -> bool:
    """Deletes a part of the session that a query locks; returns whether there was one."""
    async with database.transaction() as connection:
        session_id = await connection.fetchval(lock, *arguments)
        if session_id is None:
            return False
        is_gone = await _delete_rows(connection, session_id)
    if is_gone:
        log.info("session deleted", session_id=session_id)
    return True


async def _delete_rows(connection: "PoolConnection", session_id: str) -> bool:
    """Deletes some of a session's rows; returns whether that was all."""
    for table in _TABLES:
        some = f"SELECT ctid FROM {table} WHERE session_id = $1 LIMIT {_PART}"  # noqa: S608 - constants
        deleted = await connection.execute(f"DELETE FROM {table} WHERE ctid = ANY (ARRAY({some}))", session_id)  # noqa: S608 - constants
        if deleted == f"DELETE {_PART}":
            return False
    await connection.execute("DELETE FROM sessions WHERE session_id = $1", session_id)
    await notify(connection, "state", session_id=session_id)
    return True
