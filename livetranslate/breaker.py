"""A circuit breaker: a dependency that keeps failing is left alone for a moment, and nobody waits for it.

closed ─ five failures in a row → open ─ half a second → half-open ─ an answer → closed, a failure → open

The states and their changes are purgatory's. Here is what it leaves to its users: a clock that nobody sets, and one
call at a time while half-open.
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

import grpc
from purgatory.domain.messages.events import ContextChanged
from purgatory.domain.model import Context, HalfOpenedState, OpenedState

from livetranslate.errors import (
    CallerError,
    DeadlineExceededError,
    InternalError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.interceptor import first_error

FAILURE_LIMIT = 5
OPEN_SECONDS = 0.5  # a dependency that is back is used again within a second

_ANSWERS = (CallerError, ResourceExhaustedError, InternalError)  # it is there, and says no, or fails at this one thing
_FAILURES = (UnavailableError, DeadlineExceededError, OSError)
_FAILED_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)

Answered = Callable[[], None]
"""Says that the dependency has answered, though the call goes on: a stream may last for hours."""


class BreakerState(IntEnum):
    """Whether calls go through: all, one at a time, none. The numbers are the metric's."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


_STATE_OF_NAME = {
    "closed": BreakerState.CLOSED,
    "half-opened": BreakerState.HALF_OPEN,
    "opened": BreakerState.OPEN,
}


class Breaker:
    """The breaker of one dependency, on one event loop."""

    def __init__(
        self,
        dependency: str,
        on_change: Callable[[BreakerState], None],
        *,
        failure_limit: int = FAILURE_LIMIT,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        """Start out closed.

        Args:
            dependency: Its name, for the error.
            on_change: Called with each new state.
            failure_limit: Failures in a row that open it.
            open_seconds: How long it stays open; also the least time between two calls while half-open.
        """
        self._circuit = Context(dependency, failure_limit, ttl=math.inf)  # the event loop's clock ends it instead
        self._on_change = on_change
        self._open_seconds = open_seconds
        self._next_probe_seconds = -math.inf
        self._change_count = 0

    @property
    def state(self) -> BreakerState:
        return _STATE_OF_NAME[self._circuit.state]

    @contextmanager
    def guarding(self) -> Iterator[Answered]:
        """Let one call through and learn from how it ends.

        A failure counts only in the state in which its call began: what is slow to fail says nothing about now. A
        call that is cancelled, or fails by a mistake of ours, says nothing at all.

        Raises:
            UnavailableError: The dependency is being left alone.
        """
        self._admit()
        began_at = self._change_count
        try:
            yield self._take_answer
        except BaseException as raised:
            error = first_error(raised)
            if isinstance(error, _ANSWERS):
                self._take_answer()
            elif _is_failure(error) and began_at == self._change_count:
                self._circuit.handle_exception(error)
                self._tell_changes()
            raise
        else:
            self._take_answer()

    def _admit(self) -> None:
        try:
            self._circuit.handle_new_request()
        except OpenedState:
            raise self._refusal() from None
        if self.state is BreakerState.HALF_OPEN:
            now_seconds = asyncio.get_running_loop().time()
            if now_seconds < self._next_probe_seconds:
                raise self._refusal()
            self._next_probe_seconds = now_seconds + self._open_seconds

    def _refusal(self) -> UnavailableError:
        message = f"{self._circuit.name} has failed several times in a row. It is tried again within a second."
        return UnavailableError("BREAKER_OPEN", message, dependency=self._circuit.name)

    def _take_answer(self) -> None:
        self._circuit.handle_end_request()
        self._tell_changes()

    def _half_open(self) -> None:
        self._next_probe_seconds = -math.inf
        self._circuit.set_state(HalfOpenedState())
        self._tell_changes()

    def _tell_changes(self) -> None:
        messages, self._circuit.messages = self._circuit.messages, []
        for message in messages:
            if isinstance(message, ContextChanged):
                self._change_count += 1
                state = _STATE_OF_NAME[message.state]
                if state is BreakerState.OPEN:
                    asyncio.get_running_loop().call_later(self._open_seconds, self._half_open)
                self._on_change(state)


def _is_failure(error: BaseException) -> bool:
    if isinstance(error, grpc.aio.AioRpcError):
        return error.code() in _FAILED_CODES
    return isinstance(error, _FAILURES)
