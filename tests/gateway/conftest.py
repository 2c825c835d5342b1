"""The real database that the gateway's tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.store.postgres import PostgresStore
from livetranslate.stack.postgres import Postgres


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
async def store(postgres: Postgres) -> AsyncIterator[PostgresStore]:
    """The store, its schema up to date."""
    store = await PostgresStore.open(postgres.url)
    await store.migrate()
    yield store
    await store.aclose()
