"""The real database that the gateway's tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.store.database import Database
from gateway.store.records import SessionRecord
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """An embedded PostgreSQL for all tests; each uses sessions of its own."""
    server = Postgres.start(tmp_path_factory.mktemp("postgres") / "data")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def outage_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a second server, for tests that stop it."""
    return tmp_path_factory.mktemp("outage") / "data"


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """Connections to it, its schema up to date."""
    database = await Database.open(postgres.url)
    await database.migrate()
    yield database
    await database.aclose()


@pytest.fixture
def table(database: Database) -> SessionTable:
    """The sessions in it."""
    return SessionTable(database)


@pytest.fixture
def session_log(database: Database) -> SessionLog:
    """Their records."""
    return SessionLog(database)


@pytest.fixture
async def session(table: SessionTable) -> SessionRecord:
    """One of them, just opened."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    return session
