"""Waiting for what a gateway finds in its database."""

import asyncio

import grpc

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.v1 import gateway_pb2


async def until_suspended(client: AsyncClient, session_id: str) -> gateway_pb2.Session:
    """Wait until a session whose stream broke is known to be suspended."""
    while (stored := await client.get_session(session_id)).state != gateway_pb2.SESSION_STATE_SUSPENDED:  # noqa: ASYNC110 - a server's
        await asyncio.sleep(0.05)
    return stored


async def until_stored_again(client: AsyncClient, session_id: str) -> gateway_pb2.Session:
    """Wait until a gateway that has left its database alone for a moment uses it again."""
    while True:
        try:
            return await client.get_session(session_id)
        except TranslateError as error:
            if error.code is not grpc.StatusCode.UNAVAILABLE:
                raise
        await asyncio.sleep(0.05)
