"""A bidirectional stream to an inner service, opened anew whenever it breaks.

What is owed is known to the one who owns the hop: `opening` gives what a new stream has to be told, everything that is
still owed included, and `next_request` what comes after. So nothing is lost with a stream, and nothing waits here.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

import grpc
import structlog

from livetranslate.breakers import Breakers
from livetranslate.errors import LiveTranslateError, UnavailableError
from livetranslate.status import error_of_rpc
from livetranslate.verdict import Verdict

log = structlog.get_logger()

Request = TypeVar("Request")
Response = TypeVar("Response")

_WRITE_FAILURES = (grpc.aio.AioRpcError, asyncio.InvalidStateError)  # the second: the call is over already
_CONNECT_SECONDS = 5  # a frozen service accepts connections and says nothing
_MAX_PAUSE_SECONDS = 0.5  # a service that is back is used again at once
_TROUBLE_SECONDS = 2  # shorter breaks are not worth a notice
_GOOD_SECONDS = 10  # an open stream that lived so long has ended the trouble before it; a frozen one is cut after 8 s


class Hop(Generic[Request, Response]):
    """One session's stream to one service. What comes back is handed on by the task that runs it."""

    def __init__(
        self,
        name: str,
        *,
        breakers: Breakers,
        open_call: Callable[[], Any],
        opening: Callable[[], Iterable[Request]],
        next_request: Callable[[], Request | None],
        receive: Callable[[Response], Awaitable[None]],
        on_trouble: Callable[[LiveTranslateError], Awaitable[None]],
        on_patience_end: Callable[[LiveTranslateError], Awaitable[None]],
        patience_seconds: float,
    ) -> None:
        """Open nothing before the first `push`.

        Args:
            name: The service, for errors and its breaker.
            breakers: Those of this process.
            open_call: The stub's method.
            opening: The first messages of a new stream.
            next_request: The next message, if there is one.
            receive: Takes each response; while it waits, nothing more is read and in time the service waits too.
            on_trouble: Told once when the service has been away for some seconds; it is tried again.
            on_patience_end: Told whenever it has been away for `patience_seconds`. May raise, which ends the hop.
            patience_seconds: See there.
        """
        self._name = name
        self._breakers = breakers
        self._open_call = open_call
        self._opening = opening
        self._next_request = next_request
        self._receive = receive
        self._on_trouble = on_trouble
        self._on_patience_end = on_patience_end
        self._patience_seconds = patience_seconds
        self._clock = asyncio.get_running_loop().time
        self._lock = asyncio.Lock()  # gRPC takes one message at a time
        self._is_wanted = asyncio.Event()
        self._is_finishing = False
        self._is_over = False
        self._call: Any = None
        self._half_closed: Any = None  # only a stream that we have half-closed ends well
        self._is_renewing = False
        self._renewed: Any = None  # one that we have half-closed so that another follows
        self._opened_at: float | None = None  # of the stream that is open
        self._troubled_since: float | None = None
        self._is_trouble_told = False

    async def push(self) -> None:
        """Send what there is to send; waits while the service is slower than we are. While it is away, do nothing."""
        self._is_wanted.set()
        async with self._lock:
            await self._write(())

    @property
    def is_open(self) -> bool:
        """Whether there is a stream; where there is none the next one begins with what is owed by then."""
        return self._call is not None

    async def finish(self) -> None:
        """Half-close: `run` ends once everything that the service still has to say was received."""
        self._is_finishing = True
        if self._is_wanted.is_set():
            await self.push()
        else:
            self._is_over = True
            self._is_wanted.set()

    async def renew(self) -> None:
        """Half-close the stream that is open, if one is: when it has answered, another one is opened."""
        async with self._lock:
            self._is_renewing = True
            try:
                await self._write(())
            finally:
                self._is_renewing = False

    async def run(self) -> None:
        """Keep a stream open from the first `push` until the service has finished."""
        await self._is_wanted.wait()
        while not self._is_over and not await self._has_finished():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(random.uniform(0, _MAX_PAUSE_SECONDS))  # noqa: S311 - sessions must not come all at once

    async def _has_finished(self) -> bool:
        """Serve one stream to its end; whether that was the end of all."""
        began_at = self._clock()
        self._opened_at = None
        try:
            is_end = await self._serve()
        except LiveTranslateError as error:
            await self._bear(error, self._troubled_seconds(began_at))
            return False
        return is_end

    def _troubled_seconds(self, began_at: float) -> float:
        """How long the service has been away, now that an attempt, begun then, has failed."""
        now = self._clock()
        was_good = self._opened_at is not None and now - self._opened_at > _GOOD_SECONDS
        if was_good or self._troubled_since is None:
            self._troubled_since = began_at if self._opened_at is None else now
        return now - self._troubled_since

    async def _bear(self, error: LiveTranslateError, seconds: float) -> None:
        if seconds >= _TROUBLE_SECONDS and not self._is_trouble_told:
            self._is_trouble_told = True
            log.warning("service away", service=self._name, reason=error.reason)
            await self._on_trouble(error)
        if seconds >= self._patience_seconds:
            self._troubled_since = None
            await self._on_patience_end(error)
            self._is_over = self._is_finishing

    async def _serve(self) -> bool:
        """Open a stream and hand on what comes, until the service has finished; whether no other is to follow.

        Raises:
            LiveTranslateError: The stream could not be opened, or broke.
        """
        call = self._open_call()
        verdict = Verdict(call)
        failure: grpc.aio.AioRpcError | None = None
        try:
            await self._connect(call, verdict)
            self._opened_at = self._clock()
            async with self._beginning(call):
                async for response in call:
                    self._troubled_since = None
                    self._is_trouble_told = False
                    await self._receive(response)
        except grpc.aio.AioRpcError as raised:
            failure = await verdict.error(raised)
        finally:
            self._forget(call)
            call.cancel()
        if failure is not None:
            raise error_of_rpc(failure, hop=self._name)
        if self._half_closed is not call and self._renewed is not call:
            raise self._unavailable("closed the stream")
        return self._half_closed is call

    async def _connect(self, call: Any, verdict: Verdict) -> None:
        async with self._breakers.guarding(self._name):
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    await call.wait_for_connection()
            except TimeoutError:
                raise self._unavailable("does not answer") from None
            except grpc.aio.AioRpcError as raised:
                failure = await verdict.error(raised)
                raise error_of_rpc(failure or raised, hop=self._name) from None

    @asynccontextmanager
    async def _beginning(self, call: Any) -> AsyncIterator[None]:
        """Write the opening while the block reads: a service may answer before it has heard all, and wait for us."""
        beginning = asyncio.create_task(self._begin(call))
        try:
            yield
        finally:
            beginning.cancel()
            await asyncio.wait([beginning])
        if not beginning.cancelled():
            beginning.result()

    async def _begin(self, call: Any) -> None:
        async with self._lock:
            self._call = call
            await self._write(self._opening())

    async def _write(self, requests: Iterable[Request]) -> None:
        """Write to the stream, if there is one. Whoever reads it learns why it breaks."""
        call = self._call
        if call is None:
            return
        try:
            for request in requests:
                await call.write(request)
            while (following := self._next_request()) is not None:
                await call.write(following)
            if self._is_finishing and not call.done():
                await call.done_writing()
                self._half_closed = call
            elif self._is_renewing and not call.done():
                await call.done_writing()
                self._renewed = call
                self._forget(call)  # what comes now is for the next one
        except _WRITE_FAILURES:
            self._forget(call)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            self._forget(call)  # the call was cancelled, by the task that runs the hop, and not the one that writes

    def _unavailable(self, what: str) -> UnavailableError:
        message = f"{self._name} {what}. Try again."
        return UnavailableError(f"{self._name.upper()}_UNAVAILABLE", message, hop=self._name)

    def _forget(self, call: Any) -> None:
        if self._call is call:
            self._call = None
