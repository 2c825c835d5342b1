"""A bidirectional stream to an inner service: opened at first use, and anew where the one before has broken."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import grpc

from livetranslate.errors import LiveTranslateError, UnavailableError
from livetranslate.status import error_of_rpc

Request = TypeVar("Request")
Response = TypeVar("Response")

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
            receive_failure: Told when the stream breaks; the next `send` opens another one. May raise.
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

        Raises:
            UnavailableError: The service cannot be reached, and could not a second time either.
        """
        async with self._lock:
            for _ in range(2):
                try:
                    await self._open()
                    await self._call.write(request)
                except _WRITE_FAILURES:
                    self._call = None
                else:
                    return
        raise UnavailableError(f"{self._name.upper()}_UNAVAILABLE", f"{self._name} is not available. Try again.")

    async def open(self) -> None:
        """Open the stream ahead of the first request."""
        async with self._lock:
            await self._open()

    async def finish(self) -> None:
        """Half-close, and wait until everything that the service still has to say was received."""
        async with self._lock:
            self._is_finishing = True
            if self._call is not None:
                await self._call.done_writing()
        if self._reader is not None:
            await self._reader

    async def _open(self) -> None:
        if self._call is None:
            self._call = self._open_call()
            self._reader = self._tasks.create_task(self._read(self._call))
            await self._call.write(self._first_request())

    async def _read(self, call: Any) -> None:
        try:
            async for response in call:
                await self._receive(response)
            if not self._is_finishing:
                message = f"{self._name} closed the stream. Try again."
                raise UnavailableError(f"{self._name.upper()}_UNAVAILABLE", message, hop=self._name)
        except grpc.aio.AioRpcError as error:
            await self._fail(call, error_of_rpc(error, hop=self._name))
        except UnavailableError as error:
            await self._fail(call, error)
        finally:
            call.cancel()

    async def _fail(self, call: Any, error: LiveTranslateError) -> None:
        if self._call is call:
            self._call = None
        await self._receive_failure(error)
