"""A bidirectional stream to an inner service: opened at first use, and anew where the one before has broken."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import grpc

from livetranslate.errors import LiveTranslateError, UnavailableError
from livetranslate.status import error_of_rpc
from livetranslate.verdict import Verdict

Request = TypeVar("Request")
Response = TypeVar("Response")

_ATTEMPTS = 2  # a stream that broke in silence is found broken by the write
_WRITE_FAILURES = (grpc.aio.AioRpcError, asyncio.InvalidStateError)  # the second: the call is over already


class Hop(Generic[Request, Response]):
    """One session's stream to one service. What comes back is handed on by a task of its own."""

    def __init__(
        self,
        name: str,
        tasks: asyncio.TaskGroup,
        *,
        open_call: Callable[[], Any],
        first_request: Callable[[], Request],
        receive: Callable[[Response], Awaitable[None]],
        receive_failure: Callable[[LiveTranslateError], Awaitable[None]],
    ) -> None:
        """Open nothing yet.

        Args:
            name: The service, for errors.
            tasks: Where the reading task lives.
            open_call: The stub's method.
            first_request: Makes the stream's first message.
            receive: Takes each response; while it waits, nothing more is read and in time the service waits too.
            receive_failure: Told once for each stream that breaks; the next `send` opens another one. May raise.
        """
        self._name = name
        self._tasks = tasks
        self._open_call = open_call
        self._first_request = first_request
        self._receive = receive
        self._receive_failure = receive_failure
        self._lock = asyncio.Lock()
        self._call: Any = None
        self._reader: asyncio.Task[None] | None = None
        self._is_finishing = False

    async def send(self, request: Request) -> None:
        """Send a request; waits while the service is slower than we are.

        Where the stream has broken it goes to a new one, once. Whatever breaks is told to `receive_failure` alone.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                if await self._write(request):
                    return

    async def open(self) -> None:
        """Open the stream ahead of the first request."""
        async with self._lock:
            await self._write()

    async def finish(self) -> None:
        """Half-close, and wait until everything that the service still has to say was received."""
        async with self._lock:
            self._is_finishing = True
            if self._call is not None:
                await self._call.done_writing()
        if self._reader is not None:
            await self._reader

    async def _write(self, *requests: Request) -> bool:
        """Whether the stream, opened if need be, took the requests; if not, its reader learns why."""
        if self._call is None:
            self._call = self._open_call()
            self._reader = self._tasks.create_task(self._read(self._call, Verdict(self._call)))
            requests = (self._first_request(), *requests)
        call = self._call
        try:
            for request in requests:
                await call.write(request)
        except _WRITE_FAILURES:
            self._forget(call)
            return False
        return True

    async def _read(self, call: Any, verdict: Verdict) -> None:
        failure: grpc.aio.AioRpcError | None = None
        try:
            async for response in call:
                await self._receive(response)
        except grpc.aio.AioRpcError as raised:
            failure = await verdict.error(raised)
        finally:
            call.cancel()
        self._forget(call)
        if failure is not None:
            await self._receive_failure(error_of_rpc(failure, hop=self._name))
        elif not self._is_finishing:
            message = f"{self._name} closed the stream. Try again."
            await self._receive_failure(UnavailableError(f"{self._name.upper()}_UNAVAILABLE", message, hop=self._name))

    def _forget(self, call: Any) -> None:
        if self._call is call:
            self._call = None
