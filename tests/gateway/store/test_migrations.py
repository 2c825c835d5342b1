"""Bringing the schema up to date on a real PostgreSQL."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.store.database import Database
from gateway.store.records import Entry, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples

NEWEST = "0002"


@pytest.fixture
async def empty(postgres: Postgres) -> AsyncIterator[str]:
    """The URL of an empty database."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE empty")
    yield postgres.url.replace("/postgres?", "/empty?")
    await connection.execute("DROP DATABASE empty WITH (FORCE)")
    await connection.close()


async def migrate_to(url: str, version: str) -> None:
    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "gateway.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, version)

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(url)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def test_replicas_migrate_at_the_same_time(empty: str) -> None:
    """Several processes that bring an empty database up to date at once all succeed."""
    program = f"from gateway.store.migrations import upgrade; upgrade({empty!r})"
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", program) for _ in range(2)]
    assert [await process.wait() for process in processes] == [0, 0]
    connection = await asyncpg.connect(empty)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == NEWEST
    await connection.close()


async def test_sessions_of_the_first_version_are_kept(empty: str) -> None:
    """What was stored before sessions could be resumed is read as before; those that were running have ended."""
    await migrate_to(empty, "0001")
    ended, running = examples.session(), examples.session()
    segment = examples.segment(ended.session_id, 1)
    connection = await asyncpg.connect(empty)
    for session, state, end_time in ((ended, "completed", ended.start_time), (running, "active", None)):
        await connection.execute(
            "INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, $7, 16000)",
            session.session_id,
            session.title,
            state,
            session.source_language_code,
            session.target_language_codes,
            session.start_time,
            end_time,
        )
    await connection.execute(
        """
        INSERT INTO segments
        VALUES ($1, $2, 1, 0, 16000, 'en', 'good morning', $3, 0.9, 'model', 'state', 1, '{}', '')
        """,
        ended.session_id,
        segment.segment_id,
        json.dumps([{"text": "good", "start_sample": 0, "end_sample": 8000, "confidence": 0.5}]),
    )
    await connection.close()

    database = await Database.open(empty)
    await database.migrate()
    table, session_log = SessionTable(database), SessionLog(database)
    kept = await table.get(ended.session_id)
    assert (kept.state, kept.end_time, kept.segment_count) == (SessionState.COMPLETED, ended.start_time, 1)
    assert (kept.targets, kept.expire_time) == ((), None)
    [stored] = await session_log.read_records(ended.session_id)
    assert (stored.text, stored.event_number) == ("good morning", 1)
    assert await session_log.read_untranslated(ended.session_id) == []
    assert (await table.get(running.session_id)).state is SessionState.INTERRUPTED
    assert await session_log.write([Entry(1, examples.translation(segment, 2))]) == set()
    await database.aclose()
