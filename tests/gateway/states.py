"""Waiting for the state of a stored session."""

import asyncio

from livetranslate.client import AsyncClient
from livetranslate.v1 import gateway_pb2


async def until_suspended(client: AsyncClient, session_id: str) -> gateway_pb2.Session:
    """Wait until a session whose stream broke is known to be suspended."""
    while (stored := await client.get_session(session_id)).state != gateway_pb2.SESSION_STATE_SUSPENDED:  # noqa: ASYNC110 - a server's
        await asyncio.sleep(0.05)
    return stored
