"""Telling the other replicas: PostgreSQL's NOTIFY, in the transaction whose news it is."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg

    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

CHANNEL = "livetranslate"


async def notify(connection: "Connection", kind: str, **fields: str | int) -> None:
    """Send one message to all who listen, once the transaction is committed."""
    await notify_all(connection, [payload(kind, **fields)])


async def notify_all(connection: "Connection", payloads: Iterable[str]) -> None:
    """Send several messages by one statement."""
    await connection.execute("SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message", CHANNEL, [*payloads])


def payload(kind: str, **fields: str | int) -> str:
    """A message; PostgreSQL takes less than 8,000 bytes."""
    return json.dumps({"kind": kind, **fields})
