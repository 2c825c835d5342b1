"""The command `python -m gateway.store.migrate`."""

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest

from gateway.store.database import Database
from gateway.store.schema import NEWEST
from livetranslate.stack.postgres import Postgres

_USER = "lt_gateway"


def migrate(url: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))}
    own = {f"LIVETRANSLATE_GATEWAY_{name}": value for name, value in settings.items()}
    environment = (
        inherited | {"LIVETRANSLATE_DATABASE_URL": url, "LIVETRANSLATE_GATEWAY_DATABASE_WAIT_SECONDS": "5"} | own
    )
    command = [sys.executable, "-m", "gateway.store.migrate"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
async def owner(postgres: Postgres) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection to an empty database, in which another user may read and write what is to come, and no more."""
    everywhere = await asyncpg.connect(postgres.url)
    await everywhere.execute("CREATE DATABASE fresh")
    await everywhere.execute(f"CREATE USER {_USER}")
    connection = await asyncpg.connect(postgres.url.replace("/postgres?", "/fresh?"))
    await connection.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO lt_gateway")
    yield connection
    await connection.close()
    await everywhere.execute("DROP DATABASE fresh WITH (FORCE)")
    await everywhere.execute(f"DROP USER {_USER}")
    await everywhere.close()


async def test_the_schema_is_made_and_then_left_alone(
    owner: "asyncpg.Connection[asyncpg.Record]", postgres: Postgres
) -> None:
    """The first run makes it; the next finds nothing to do, and both end well."""
    url = postgres.url.replace("/postgres?", "/fresh?")
    for _ in range(2):
        done = migrate(url)
        assert done.returncode == 0, done.stderr
        assert await owner.fetchval("SELECT version_num FROM alembic_version") == NEWEST


async def test_it_takes_the_settings_of_a_gateway_that_runs(
    owner: "asyncpg.Connection[asyncpg.Record]", postgres: Postgres
) -> None:
    """Neither that one's processes nor its port for metrics are this one's."""
    url = postgres.url.replace("/postgres?", "/fresh?")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = migrate(url, PROCESSES="2", METRICS_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 0, done.stderr
    assert await owner.fetchval("SELECT version_num FROM alembic_version") == NEWEST


async def test_a_gateway_without_rights_over_the_schema_starts_after_it(
    owner: "asyncpg.Connection[asyncpg.Record]", postgres: Postgres
) -> None:
    """Its own user needs no more than to read and write the tables."""
    url = postgres.url.replace("/postgres?", "/fresh?")
    assert migrate(url).returncode == 0
    database = await Database.open(url.replace("postgres@", f"{_USER}@", 1))
    await database.migrate()
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT current_user") == _USER
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE sessions ADD COLUMN mine int")
    await database.aclose()


def test_without_a_database_it_says_so() -> None:
    """And ends with status 1, for the job to be tried again."""
    done = migrate("postgresql://user:hidden@127.0.0.1:1/none")
    assert done.returncode == 1
    assert "no PostgreSQL at postgresql://127.0.0.1:1/none" in done.stderr
    assert "hidden" not in done.stderr
