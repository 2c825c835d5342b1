"""The database's schema, one numbered file per change, brought up to date by `upgrade`."""

import asyncio
import threading

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

# Any constant does, as long as no other user of the database takes the same one.
_ADVISORY_LOCK_KEY = 0x4C54_5343_4845_4D41

_alembic_lock = threading.Lock()  # alembic keeps the running migration in module globals


def upgrade(url: str, timeout_seconds: float = 60) -> None:
    """Brings the schema to the newest version; does nothing where it is.

    Blocks, so it is called in a thread. Replicas may call it at the same time: one migrates, the others wait for it.

    Args:
        url: A PostgreSQL URL as asyncpg reads it.
        timeout_seconds: How long to wait for a connection.
    """
    with _alembic_lock:
        asyncio.run(_upgrade(url, timeout_seconds))


async def _upgrade(url: str, timeout_seconds: float) -> None:
    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(url, timeout=timeout_seconds)

    # async_creator lets asyncpg read the URL, as the pool does: SQLAlchemy knows fewer of its parameters.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:  # one transaction: all of it or nothing
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK_KEY})
            await connection.run_sync(_run_alembic)
    finally:
        await engine.dispose()


def _run_alembic(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
