"""Sessions in PostgreSQL.

Writes are idempotent: a record that is there already stays as it is, so that a replay changes nothing. Two different
records under one event number are an error, never a silent loss.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import asyncpg
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from gateway.store import migrations, rows
from gateway.store.page_token import PageToken
from gateway.store.records import Record, SegmentRecord, SessionRecord, SessionState, TranslationRecord
from livetranslate.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    PoolConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

# What asyncpg raises when the server is away, starting, stopping, out of room or no longer the primary, and when a
# transaction was rolled back only because of another one.
_OUTAGES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
)
_STARTING = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError)
_MAX_CONNECTIONS = 8  # per replica: one writes, the others read; PostgreSQL has 100 by default
_DEFAULT_PAGE_SIZE = 50
_MAX_PAGE_SIZE = 1000


class PostgresStore:
    """The sessions. Every method raises `UnavailableError` while the database is away."""

    def __init__(self, url: str, pool: "Pool", connection_timeout_seconds: float) -> None:
        """Used by `open`."""
        self._url = url
        self._pool = pool
        self._connection_timeout_seconds = connection_timeout_seconds

    @classmethod
    async def open(cls, url: str, *, timeout_seconds: float = 10, statement_timeout_seconds: float = 10) -> Self:
        """Connects, waiting for a database that is just starting.

        Args:
            url: A PostgreSQL URL as asyncpg reads it.
            timeout_seconds: How long to wait for the database.
            statement_timeout_seconds: How long one statement, or the wait for a connection, may take.

        Raises:
            UnavailableError: There is no database, or it does not let us in.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_STARTING),
            wait=wait_random_exponential(multiplier=0.05, max=1),
            stop=stop_after_delay(timeout_seconds),
            reraise=True,
        )
        try:
            async with asyncio.timeout(timeout_seconds):
                pool: Pool = await retrying(_connect, url, statement_timeout_seconds)
        except (*_OUTAGES, asyncpg.PostgresError, ValueError) as error:
            raise UnavailableError(
                "DATABASE_UNAVAILABLE",
                f"no PostgreSQL at {_without_password(url)} ({type(error).__name__}): start it, or set "
                "LIVETRANSLATE_DATABASE_URL to postgresql://user:password@host/database",
            ) from error
        return cls(url, pool, statement_timeout_seconds)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._pool.close()

    async def migrate(self) -> None:
        """Brings the schema to the newest version. Replicas may do so at the same time."""
        with _errors_named():
            await asyncio.to_thread(migrations.upgrade, self._url)

    async def is_reachable(self) -> bool:
        """Whether the database answers."""
        try:
            async with self._connection() as connection:
                await connection.execute("SELECT 1")
        except UnavailableError:
            return False
        return True

    async def insert_session(self, session: SessionRecord) -> None:
        """Opens a session; does nothing where it is open already."""
        async with self._connection() as connection:
            await connection.execute(
                "INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (session_id) DO NOTHING",
                session.session_id,
                session.title,
                session.state,
                session.source_language_code,
                session.target_language_codes,
                session.start_time,
                session.end_time,
                session.sample_count,
            )

    async def update_targets(self, session_id: str, language_codes: Sequence[str]) -> None:
        """Adds the languages that are new to those the session has been translated into so far."""
        async with self._connection() as connection:
            updated = await connection.fetchval(
                """
                UPDATE sessions SET target_language_codes = target_language_codes || ARRAY(
                    SELECT code FROM unnest($2::text[]) WITH ORDINALITY AS given(code, place)
                    WHERE code <> ALL (target_language_codes) ORDER BY place
                ) WHERE session_id = $1 RETURNING 1
                """,
                session_id,
                language_codes,
            )
        if updated is None:
            raise _not_found(session_id)

    async def finish_session(self, session_id: str, state: SessionState, sample_count: int) -> None:
        """Ends a session; does nothing where it has ended already."""
        async with self._connection() as connection:
            updated = await connection.execute(
                """
                UPDATE sessions SET state = $2, sample_count = $3, end_time = greatest(now(), start_time)
                WHERE session_id = $1 AND state = 'active'
                """,
                session_id,
                state,
                sample_count,
            )
        if updated == "UPDATE 0":
            await self.get_session(session_id)

    async def write(self, records: Sequence[Record]) -> None:
        """Stores records, all or none. Those that are stored already stay as they are.

        Raises:
            asyncpg.PostgresError: The database refuses one of them, and always will.
        """
        segments = [record for record in records if isinstance(record, SegmentRecord)]
        translations = [record for record in records if isinstance(record, TranslationRecord)]
        # A tenth of a millisecond a record: too much for the event loop.
        segment_columns = await asyncio.to_thread(rows.columns_of_segments, segments)
        translation_columns = await asyncio.to_thread(rows.columns_of_translations, translations)
        async with self._connection() as connection, connection.transaction():
            if segments:
                await connection.execute(rows.INSERT_SEGMENTS, *segment_columns)
            if translations:
                await connection.execute(rows.INSERT_TRANSLATIONS, *translation_columns)

    async def get_session(self, session_id: str) -> SessionRecord:
        """One session.

        Raises:
            NotFoundError: There is none of this id.
        """
        async with self._connection() as connection:
            row = await connection.fetchrow(f"{rows.SELECT_SESSIONS} WHERE session_id = $1", session_id)
        if row is None:
            raise _not_found(session_id)
        return rows.session_of(row)

    async def list_sessions(self, page_size: int, page_token: str) -> tuple[list[SessionRecord], str]:
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
        async with self._connection() as connection:
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

    async def read_records(
        self, session_id: str, after_event_number: int = 0, limit: int | None = None
    ) -> list[Record]:
        """The session's records after an event, in the order of events, at most `limit` of them."""
        arguments = (session_id, after_event_number, limit)
        async with self._connection() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            # Both tables as of one moment: a translation must not come without the segment before it.
            segments = await connection.fetch(rows.SELECT_SEGMENTS, *arguments)
            translations = await connection.fetch(rows.SELECT_TRANSLATIONS, *arguments)
        records = await asyncio.to_thread(_merged, segments, translations)  # an hour's talk is some 50 ms of work
        return records[:limit]

    async def delete_session(self, session_id: str) -> None:
        """Deletes a session that has ended, with everything stored of it.

        Raises:
            NotFoundError: There is none of this id.
            FailedPreconditionError: It is still running.
        """
        async with self._connection() as connection:
            deleted = await connection.execute(
                "DELETE FROM sessions WHERE session_id = $1 AND state <> 'active'", session_id
            )
        if deleted == "DELETE 0":
            await self.get_session(session_id)
            raise FailedPreconditionError(
                "SESSION_ACTIVE",
                "The session is still running. It can be deleted once its client has ended it.",
                session_id=session_id,
            )

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator["PoolConnection"]:
        with _errors_named():
            async with self._pool.acquire(timeout=self._connection_timeout_seconds) as connection:
                yield connection


async def _connect(url: str, statement_timeout_seconds: float) -> "Pool":
    """A pool with its first connection. A pool that failed to connect cannot be used again."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=_MAX_CONNECTIONS,
        timeout=statement_timeout_seconds,
        command_timeout=statement_timeout_seconds,
    )


def _merged(segments: Sequence["asyncpg.Record"], translations: Sequence["asyncpg.Record"]) -> list[Record]:
    """Rows of both tables as records in the order of events."""
    both: Iterator[Record] = heapq.merge(
        map(rows.segment_of, segments), map(rows.translation_of, translations), key=attrgetter("event_number")
    )
    return list(both)


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except asyncpg.CharacterNotInRepertoireError as error:
        raise InvalidArgumentError("TEXT_INVALID", "text must not contain the NUL character") from error
    except _OUTAGES as error:
        if isinstance(error, ValueError):  # asyncpg's word for an argument of the wrong kind: our mistake
            raise
        raise UnavailableError("DATABASE_UNAVAILABLE", "the database does not answer: try again later") from error


def _not_found(session_id: str) -> NotFoundError:
    return NotFoundError("SESSION_NOT_FOUND", "There is no session of this id.", session_id=session_id)


def _without_password(url: str) -> str:
    """What of the URL may be shown: neither user info nor parameters, which can carry a password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
