"""The connections to PostgreSQL, and its failures in our own words."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import asyncpg
from opentelemetry.metrics import Meter
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from gateway.store.schema import is_new_enough
from livetranslate import names
from livetranslate.breakers import Breakers
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.metrics import METER, histogram

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    PoolConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

POSTGRES = "postgres"
"""The breaker's name."""

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


class Database:
    """A pool of connections. Whatever uses it raises `UnavailableError` while the database is away."""

    def __init__(
        self, url: str, pool: "Pool", breakers: Breakers, connection_timeout_seconds: float, meter: Meter
    ) -> None:
        """Used by `open`."""
        self._url = url
        self._breakers = breakers
        self._pool = pool
        self._connection_timeout_seconds = connection_timeout_seconds
        self._wait = histogram(names.DATABASE_CONNECTION_WAIT, meter)

    @property
    def connection_counts(self) -> tuple[int, int, int]:
        """Connections in use, idle ones, and the most that there may be."""
        idle = self._pool.get_idle_size()
        return self._pool.get_size() - idle, idle, self._pool.get_max_size()

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        breakers: Breakers | None = None,
        timeout_seconds: float = 10,
        statement_timeout_seconds: float = 10,
        meter: Meter = METER,
    ) -> Self:
        """Connects, waiting for a database that is just starting.

        Args:
            url: A PostgreSQL URL as asyncpg reads it.
            breakers: Those of the process, with one for `POSTGRES`; without them the database has its own.
            timeout_seconds: How long to wait for the database.
            statement_timeout_seconds: How long one statement, or the wait for a connection, may take.
            meter: Measures the waits for a connection.

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
        return cls(url, pool, breakers or Breakers(POSTGRES), statement_timeout_seconds, meter)

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._pool.close()

    async def migrate(self) -> None:
        """Brings the schema to the newest version. Replicas may do so at the same time."""
        with _errors_named():
            async with self._pool.acquire() as connection:
                if await is_new_enough(connection):
                    return
            from gateway.store.migrations import upgrade  # noqa: PLC0415 - takes a second to load, and is seldom needed

            await asyncio.to_thread(upgrade, self._url)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["PoolConnection"]:
        """A connection of the pool.

        Raises:
            UnavailableError: The database is away (or was just now, and is left alone for a moment), or all connections
                are taken for too long.
            InvalidArgumentError: A text has a character that the database cannot hold.
        """
        async with self._breakers.guarding(POSTGRES):
            with _errors_named():
                began = time.monotonic()
                async with self._pool.acquire(timeout=self._connection_timeout_seconds) as connection:
                    self._wait.record(time.monotonic() - began)
                    yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["PoolConnection"]:
        """A connection in a transaction; the errors are those of `connection`."""
        async with self.connection() as connection, connection.transaction():
            yield connection


async def _connect(url: str, statement_timeout_seconds: float) -> "Pool":
    """A pool that has connected once. One that failed to connect cannot be used again."""
    pool: Pool = await asyncpg.create_pool(
        url,
        min_size=0,  # otherwise asyncpg itself tries to keep one, and logs each failure while the database is away
        max_size=_MAX_CONNECTIONS,
        timeout=statement_timeout_seconds,
        command_timeout=statement_timeout_seconds,
        reset=_keep,
        server_settings={"jit": "off"},  # many short statements: compiling one takes longer than running it
    )
    try:
        async with pool.acquire():
            return pool
    except BaseException:
        pool.terminate()
        raise


async def _keep(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Nobody changes a connection's settings, so that none has to be set back: an answer less to wait for."""


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError) as error:  # as text, as JSON
        raise InvalidArgumentError("TEXT_INVALID", "text must not contain the NUL character") from error
    except _OUTAGES as error:
        if isinstance(error, ValueError):  # asyncpg's word for an argument of the wrong kind: our mistake
            raise
        if (task := asyncio.current_task()) is not None and task.cancelling():  # the rollback may have failed after it
            raise asyncio.CancelledError from error
        raise UnavailableError("DATABASE_UNAVAILABLE", "the database does not answer: try again later") from error


def _without_password(url: str) -> str:
    """What of the URL may be shown: neither user info nor parameters, which can carry a password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
