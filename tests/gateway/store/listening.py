"""What PostgreSQL notifies, for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from gateway.store.notify import CHANNEL

Messages = list[dict[str, Any]]


@asynccontextmanager
async def listening(url: str, session_id: str) -> AsyncIterator[Messages]:
    """The messages about one session that are sent during the block, complete at its end."""
    messages: Messages = []
    is_over = asyncio.Event()

    def receive(_connection: object, _pid: int, _channel: str, content: object) -> None:
        message = json.loads(str(content))
        if message == {"kind": "end", "session_id": session_id}:
            is_over.set()
        elif message["session_id"] == session_id:
            messages.append(message)

    connection = await asyncpg.connect(url)
    await connection.add_listener(CHANNEL, receive)
    try:
        yield messages
        await connection.execute(
            "SELECT pg_notify($1, $2)", CHANNEL, json.dumps({"kind": "end", "session_id": session_id})
        )
        await asyncio.wait_for(is_over.wait(), 10)
    finally:
        await connection.close()
