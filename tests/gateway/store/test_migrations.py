"""Bringing the schema up to date on a real PostgreSQL."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from gateway.store.database import Database
from gateway.store.records import Entry, SessionState, TranslationRecord
from gateway.store.schema import NEWEST
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples


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


def test_the_newest_version_is_the_last_migration() -> None:
    """The version that the code needs is the one that all migrations lead to."""
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


async def test_an_older_replica_starts_beside_newer_ones(empty: str) -> None:
    """A schema that is newer than the code, as in a rolling update, is left as it is; one that is older is not."""
    database = await Database.open(empty)
    await database.migrate()
    connection = await asyncpg.connect(empty)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await database.migrate()
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
    await connection.close()
    await database.aclose()


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


async def test_sessions_of_the_second_version_go_on(empty: str) -> None:
    """They have no options, their targets are as they were, and nothing is known of how good translations are."""
    await migrate_to(empty, "0002")
    session = examples.session()
    segment = examples.segment(session.session_id, 1)
    connection = await asyncpg.connect(empty)
    await connection.execute(
        """
        INSERT INTO sessions (session_id, title, state, source_language_code, target_language_codes, start_time,
            sample_count, targets, token_hash) VALUES ($1, 'Keynote', 'active', 'en', '{es}', $2, 0, $3, $4)
        """,
        session.session_id,
        session.start_time,
        json.dumps([{"language_code": "es", "speech": True, "voice": "es-male"}]),
        examples.TOKEN_HASH,
    )
    await connection.execute(
        """
        INSERT INTO segments VALUES ($1, $2, 1, 0, 16000, 'en', 'good morning', '[]', 0.9, 'model', 1, '{}', '', '[]')
        """,
        session.session_id,
        segment.segment_id,
    )
    await connection.execute(
        "INSERT INTO translations VALUES ($1, $2, 'es', 2, 0, 16000, 'buenos días', 'model', 1, '{}', '')",
        session.session_id,
        segment.segment_id,
    )
    await connection.close()

    database = await Database.open(empty)
    await database.migrate()
    taken = await SessionTable(database).take_over(session.session_id, examples.TOKEN_HASH, examples.REPLICA)
    assert (taken.session.targets, taken.options) == (session.targets, b"")
    _, translation = await SessionLog(database).read_records(session.session_id)
    assert isinstance(translation, TranslationRecord)
    assert (translation.quality, translation.quality_reasons, translation.rejected_models) == (0, (), ())
    await database.aclose()
