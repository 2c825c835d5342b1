"""What all endpoints share: they end with their client, and whatever goes wrong is told in OpenAI's words."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.web.errors import error_response, known
from gateway.web.origin import check_origin
from gateway.web.reply import Reply
from livetranslate.logs import begin_call

Answer = Callable[[Request, Reply], Awaitable[None]]
"""Reads a request, and answers it."""


class Endpoint:
    """An endpoint, as Starlette routes to it."""

    def __init__(self, answer: Answer, *, stall_seconds: float) -> None:
        """Answer so; a client that does not read for so long is left."""
        self._answer = answer
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begin_call()
        reply = Reply(scope, receive, send, stall_seconds=self._stall_seconds)
        try:
            request = Request(scope, receive)
            check_origin(request.headers)
            await self._answer(request, reply)
        except (Exception, BaseExceptionGroup) as raised:  # noqa: BLE001 - this is where all of them end
            error = known(raised, scope["path"])
            if reply.has_begun:
                raise ConnectionAbortedError(error.reason) from None  # ends the connection: half an answer is none
            await reply.give(error_response(error))


async def while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do the work of a request that was read; it is broken off where the client leaves."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
