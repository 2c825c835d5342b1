"""The way of one answer to an HTTP client, whole or while it is made."""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from livetranslate.errors import DeadlineExceededError


class Reply:
    """One answer. What is begun is ended, or the connection breaks."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, stall_seconds: float) -> None:
        """Have said nothing yet."""
        self._scope = scope
        self._receive = receive
        self._send_now = send
        self._stall_seconds = stall_seconds
        self.has_begun = False
        """Whether the status is out, so that no other can be told."""

    async def give(self, response: Response) -> None:
        """Answer at once."""
        await response(self._scope, self._receive, self._send)

    async def begin(self, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        """Say that all is well, and that more comes."""
        told = {"content-type": media_type, "cache-control": "no-store", **(headers or {})}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": raw})

    async def write(self, piece: bytes) -> None:
        """The next bytes.

        Raises:
            DeadlineExceededError: The client has left those before unread.
        """
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        """Nothing more comes."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, message: Message) -> None:
        self.has_begun = True
        try:
            async with asyncio.timeout(self._stall_seconds):
                await self._send_now(message)
        except TimeoutError:
            message_for_people = f"Nothing was read for {self._stall_seconds:g} s. Read the answer while it comes."
            raise DeadlineExceededError("CLIENT_STALLED", message_for_people) from None
