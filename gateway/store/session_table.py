"""The table of sessions: opening, taking over, suspending, ending, listing and deleting them."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.store import rows
from gateway.store.database import Database
from gateway.store.deletion import delete_session
from gateway.store.notify import notify
from gateway.store.page_token import PageToken
from gateway.store.records import SessionRecord, SessionState
from gateway.store.states import ENDING, Change, allows, ending
from livetranslate.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    import asyncpg

    from gateway.store.database import PoolConnection

_DEFAULT_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 1000
_MAX_ID_CHARACTERS = 64  # more than any id of ours has
_NOT_FOUND = "There is no session of this id."

_INSERT = """
    INSERT INTO sessions (
        session_id, title, state, source_language_code, target_language_codes, start_time, end_time, sample_count,
        targets, retention_seconds, store_audio, store_speech, token_hash, replica_id, options
    ) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (session_id) DO NOTHING
"""
_SELECT_OPTIONS = "SELECT options FROM sessions WHERE session_id = $1"
_TAKE_OVER = """
    UPDATE sessions SET generation = generation + 1, state = 'active', resume_until = NULL, replica_id = $2
    WHERE session_id = $1
"""
# Asked for under the row's lock, so that no write of the owner before is still to come.
_SELECT_TAKEN_OVER = f"""
    SELECT session.*, ({_SELECT_OPTIONS}) AS options, greatest(
        (SELECT max(event_number) FROM segments WHERE session_id = $1),
        (SELECT max(event_number) FROM translations WHERE session_id = $1),
        0
    ) AS last_event_number
    FROM ({rows.SELECT_SESSIONS}) AS session WHERE session_id = $1
"""  # noqa: S608 - constants
_SUSPEND = f"""
    UPDATE sessions SET state = 'suspended', sample_count = greatest(sample_count, $4),
        resume_until = now() + make_interval(secs => $3)
    WHERE session_id = $1 AND generation = $2 AND {allows(Change.SUSPEND)}
"""  # noqa: S608 - constants
_FINISH = f"""
    UPDATE sessions SET {ending("$3")}, sample_count = greatest(sample_count, $4)
    WHERE session_id = $1 AND generation = $2 AND
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A session as its new owner finds it.

    Attributes:
        position_sample: Up to where everything is stored: audio is needed from here.
        position_state: The recognizer's state there; empty at the beginning.
        last_event_number: The newest event that is stored.
        options: As it was opened with; empty for sessions of older versions.
    """

    session: SessionRecord
    generation: int
    position_sample: int
    position_state: bytes
    last_event_number: int
    options: bytes = b""


def check_session_id(session_id: str) -> None:
    """Refuses what cannot be the id of a session, before anything is done with it.

    Raises:
        NotFoundError: It is too long. It is not in the error, which would be as long.
    """
    if len(session_id) > _MAX_ID_CHARACTERS:
        raise NotFoundError("SESSION_NOT_FOUND", _NOT_FOUND)


class SessionTable:
    """The sessions. Every method raises `UnavailableError` while the database is away."""

    def __init__(self, database: Database) -> None:
        """Works on a database whose schema is up to date."""
        self._database = database

    async def insert(self, session: SessionRecord, token_hash: bytes, replica_id: str, options: bytes = b"") -> None:
        """Opens a session, in its first generation; does nothing where it is open already."""
        async with self._database.connection() as connection:
            await connection.execute(
                _INSERT,
                session.session_id,
                session.title,
                session.state,
                session.source_language_code,
                session.target_language_codes,
                session.start_time,
                session.end_time,
                session.sample_count,
                rows.targets_to_json(session.targets),
                session.retention_seconds,
                session.store_audio,
                session.store_speech,
                token_hash,
                replica_id,
                options,
            )

    async def take_over(self, session_id: str, token_hash: bytes, replica_id: str) -> TakenOver:
        """Makes the caller the session's only owner: what owners before still write is dropped from here on.

        A completed session comes back as it is, with no new generation.

        Raises:
            NotFoundError: There is none of this id.
            PermissionDeniedError: The token is another one.
            FailedPreconditionError: It has been given up.
        """
        check_session_id(session_id)
        async with self._database.transaction() as connection:
            state = await _lock_to_take_over(connection, session_id, token_hash)
            if state is not SessionState.COMPLETED:
                await connection.execute(_TAKE_OVER, session_id, replica_id)
            row = await connection.fetchrow(_SELECT_TAKEN_OVER, session_id)
            if row is None:
                raise _not_found(session_id)
            if state is not SessionState.COMPLETED:
                await notify(connection, "taken_over", session_id=session_id, generation=row["generation"])
            if state is SessionState.SUSPENDED:
                await notify(connection, "state", session_id=session_id)
        return _taken_over_of(row)

    async def suspend(self, session_id: str, generation: int, *, window_seconds: float, sample_count: int) -> None:
        """Lets an active session wait to be resumed; does nothing where another owner has it, or it is not active."""
        async with self._database.transaction() as connection:
            suspended = await connection.execute(_SUSPEND, session_id, generation, window_seconds, sample_count)
            if suspended != "UPDATE 0":
                await notify(connection, "state", session_id=session_id)

    async def finish(self, session_id: str, generation: int, state: SessionState, sample_count: int) -> None:
        """Ends a session; does nothing where another owner has it, or it has ended already."""
        finish = f"{_FINISH} {allows(ENDING[state])}"
        async with self._database.transaction() as connection:
            finished = await connection.execute(finish, session_id, generation, state, sample_count)
            if finished != "UPDATE 0":
                await notify(connection, "state", session_id=session_id)

    async def get(self, session_id: str) -> SessionRecord:
        """One session.

        Raises:
            NotFoundError: There is none of this id.
        """
        check_session_id(session_id)
        async with self._database.connection() as connection:
            row = await connection.fetchrow(f"{rows.SELECT_SESSIONS} WHERE session_id = $1", session_id)
        if row is None:
            raise _not_found(session_id)
        return rows.session_of(row)

    async def get_options(self, session_id: str) -> bytes:
        """The options of a session, as it was opened with; empty for sessions of older versions, and where none is."""
        async with self._database.connection() as connection:
            options: bytes | None = await connection.fetchval(_SELECT_OPTIONS, session_id)
        return options or b""

    async def list(self, page_size: int, page_token: str) -> tuple[list[SessionRecord], str]:
        """A page of sessions, newest first, and the token of the next page, empty on the last.

        Args:
            page_size: At most so many, up to 1,000; 0 means 50.
            page_token: The token that came with the page before; empty for the first.

        Raises:
            InvalidArgumentError: The size or the token is none.
        """
        if not 0 <= page_size <= _MAX_PAGE_SIZE:
            raise InvalidArgumentError("PAGE_SIZE_INVALID", f"page_size is {page_size}: 0 to {_MAX_PAGE_SIZE} is valid")
        size = page_size or _DEFAULT_PAGE_SIZE
        after = PageToken.decode(page_token) if page_token else None
        async with self._database.connection() as connection:
            found = await connection.fetch(
                f"""{rows.SELECT_SESSIONS}
                WHERE $1::timestamptz IS NULL OR (start_time, session_id) < ($1, $2)
                ORDER BY start_time DESC, session_id DESC LIMIT $3""",
                after and after.start_time,
                after and after.session_id,
                size + 1,  # one more than asked tells whether a page follows
            )
        sessions = [rows.session_of(row) for row in found[:size]]
        last = sessions[-1] if len(found) > size else None
        return sessions, PageToken(last.start_time, last.session_id).encode() if last else ""

    async def delete(self, session_id: str) -> None:
        """Deletes a session that is not active, with everything stored of it.

        Raises:
            NotFoundError: There is none of this id.
            FailedPreconditionError: It is still running.
        """
        check_session_id(session_id)
        if await delete_session(self._database, session_id):
            return
        await self.get(session_id)
        raise FailedPreconditionError(
            "SESSION_ACTIVE",
            "The session is still running. It can be deleted once its client has ended it.",
            session_id=session_id,
        )


async def _lock_to_take_over(connection: "PoolConnection", session_id: str, token_hash: bytes) -> SessionState:
    row = await connection.fetchrow(
        """
        SELECT state, token_hash, resume_until <= now() AS is_over FROM sessions WHERE session_id = $1
        FOR NO KEY UPDATE
        """,
        session_id,
    )
    if row is None:
        raise _not_found(session_id)
    # An empty hash is that of a session from before there were tokens: none fits.
    if not row["token_hash"] or not hmac.compare_digest(row["token_hash"], token_hash):
        raise PermissionDeniedError(
            "RESUME_TOKEN_WRONG",
            "This is not the session's resume token: send the one that session_started brought.",
            session_id=session_id,
        )
    state = SessionState(row["state"])
    if state is SessionState.INTERRUPTED or row["is_over"]:
        raise FailedPreconditionError(
            "SESSION_ENDED",
            "The time in which it could be resumed is over: start a new session.",
            session_id=session_id,
        )
    return state


def _taken_over_of(row: "asyncpg.Record") -> TakenOver:
    fields: Mapping[str, int | bytes] = {
        name: row[name] for name in ("generation", "position_sample", "position_state", "last_event_number", "options")
    }
    return TakenOver(rows.session_of(row), **fields)  # type: ignore[arg-type]


def _not_found(session_id: str) -> NotFoundError:
    return NotFoundError("SESSION_NOT_FOUND", _NOT_FOUND, session_id=session_id)
