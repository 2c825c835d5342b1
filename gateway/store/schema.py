"""Which version the database's schema has, told without the library that changes it: loading that takes a second."""

from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    PoolConnection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

NEWEST = max(path.stem.partition("_")[0] for path in Path(__file__).parent.glob("migrations/versions/[0-9]*.py"))
"""The version that this code needs."""


async def is_new_enough(connection: "PoolConnection") -> bool:
    """Whether there is nothing to migrate.

    A newer schema is as good, for columns are only added: in a rolling update the newer replicas migrate while the
    older ones are still there, and one of those may start again.
    """
    try:
        version = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    return bool(version and version >= NEWEST)
