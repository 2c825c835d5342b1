"""The connections to a real PostgreSQL, and what becomes of its failures."""

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from gateway.store.database import POSTGRES, Database
from gateway.store.session_table import SessionTable
from livetranslate.breakers import Breakers, BreakerState
from livetranslate.errors import UnavailableError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples


async def test_no_database_is_a_clear_error() -> None:
    """An unreachable database is named with the setting to change, and without its password."""
    url = "postgresql://captions:hunter2@127.0.0.1:1/live?password=hunter2"
    with pytest.raises(UnavailableError) as caught:
        await Database.open(url, timeout_seconds=0.3)
    assert "LIVETRANSLATE_DATABASE_URL" in caught.value.message
    assert "127.0.0.1:1/live" in caught.value.message
    assert "hunter2" not in caught.value.message


async def test_an_outage_is_told_and_ends(outage_folder: Path) -> None:
    """While the server is down the database is unavailable; when it is back, it works again by itself."""
    server = Postgres.start(outage_folder)
    database = await Database.open(server.url)
    await database.migrate()
    table, session = SessionTable(database), examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    assert await answers(database)
    server.stop()
    assert not await answers(database)
    with pytest.raises(UnavailableError):
        await table.get(session.session_id)
    server = Postgres.start(outage_folder)
    assert await table.get(session.session_id) == session
    await database.aclose()
    server.stop()


async def test_a_connection_is_not_waited_for_for_ever(postgres: Postgres) -> None:
    """While all connections are taken, by a database that hangs for example, it is unavailable."""
    database = await Database.open(postgres.url, statement_timeout_seconds=0.5)
    async with AsyncExitStack() as taken:
        for _ in range(database._pool.get_max_size()):
            await taken.enter_async_context(database._pool.acquire())
        with pytest.raises(UnavailableError):
            await SessionTable(database).get("s")
    await database.aclose()


async def test_a_server_that_is_no_longer_the_primary_is_an_outage(table: SessionTable, postgres: Postgres) -> None:
    """After a failover the old primary is read-only: what it does not take is tried again, not given up."""
    demoted = await Database.open(f"{postgres.url}&default_transaction_read_only=on")
    session = examples.session()
    with pytest.raises(UnavailableError):
        await SessionTable(demoted).insert(session, examples.TOKEN_HASH, examples.REPLICA)
    await demoted.aclose()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    """What was done before the failure is undone, and the connection is as good as new."""
    with suppress(ZeroDivisionError):
        async with database.transaction() as connection:
            await connection.execute("CREATE TABLE half_done ()")
            raise ZeroDivisionError
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT to_regclass('half_done')") is None


async def test_an_outage_shows_in_its_breaker(outage_folder: Path) -> None:
    """After some failures in a row nobody waits for the database; once it answers, everybody may again."""
    server = Postgres.start(outage_folder)
    breakers = Breakers(POSTGRES)
    changes: asyncio.Queue[BreakerState] = asyncio.Queue()
    breakers.on_change(lambda _, state: changes.put_nowait(state))
    database = await Database.open(server.url, breakers=breakers)
    server.stop()
    while breakers.state(POSTGRES) is BreakerState.CLOSED:
        assert not await answers(database)
    assert await changes.get() is BreakerState.OPEN
    server = Postgres.start(outage_folder)
    while not await answers(database):
        await changes.get()
    assert breakers.state(POSTGRES) is BreakerState.CLOSED
    await database.aclose()
    server.stop()


async def test_a_call_that_is_cancelled_ends_so(database: Database) -> None:
    """Also where its transaction cannot be rolled back: whoever cancels must not be told of an outage."""
    is_waiting = asyncio.Event()

    async def read() -> None:
        async with database.connection() as connection, connection.transaction(readonly=True):
            is_waiting.set()
            await connection.execute("SELECT * FROM segments")

    async with database.transaction() as locking:
        await locking.execute("LOCK TABLE segments IN ACCESS EXCLUSIVE MODE")
        reading = asyncio.create_task(read())
        await is_waiting.wait()
        for _ in range(10):  # round trips of others: the statement is under way
            await answers(database)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def answers(database: Database) -> bool:
    """Whether the database is there."""
    try:
        async with database.connection() as connection:
            await connection.execute("SELECT 1")
    except UnavailableError:
        return False
    return True
