"""Whether to try again after a break, and when. It decides; it neither connects nor waits."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from grpc import StatusCode

from livetranslate.client.errors import TranslateError

PATIENCE_SECONDS: Final = 120.0
_FIRST_DELAY_SECONDS: Final = 0.1
_MAX_DELAY_SECONDS: Final = 1.0  # a server that is back serves its clients again within two seconds
_STEADY_SECONDS: Final = 2.0  # a stream that broke sooner than this had not been repaired

_OF_THE_TRANSPORT: Final = {StatusCode.INTERNAL, StatusCode.UNKNOWN}  # where the server itself explained nothing
_PASSING: Final = {
    StatusCode.UNAVAILABLE,
    StatusCode.CANCELLED,
    StatusCode.DEADLINE_EXCEEDED,
    StatusCode.RESOURCE_EXHAUSTED,  # another one may have room, or this one later
}


@dataclass(frozen=True)
class ConnectionEvent:
    """What became of a connection.

    Attributes:
        state: "lost", "trying" (another attempt begins), "resumed", or "refused": no server has room yet, and each is
            asked again when the error says so.
        address: The server concerned.
        attempt: Counts the attempts since the connection was lost, from 1; 0 when it is lost or refused.
        after_seconds: The time since it was lost, or since the first refusal.
        error: Why it was lost or refused.
    """

    state: Literal["lost", "trying", "resumed", "refused"]
    address: str
    attempt: int = 0
    after_seconds: float = 0.0
    error: TranslateError | None = None


OnConnection = Callable[[ConnectionEvent], None]


@dataclass(frozen=True)
class _Refusal:
    """A server without room, and when it may have some."""

    error: TranslateError
    address: str
    come_back_at: float


class Recovery:
    """Follows one session's or viewer's connection from break to break.

    The first attempt comes at once; the pauses before later ones are drawn at random below a bound that doubles from
    0.1 s to 1 s, so that the clients of a server that died do not come back all at the same instant.
    """

    def __init__(
        self,
        address_count: int,
        patience_seconds: float = PATIENCE_SECONDS,
        on_connection: OnConnection | None = None,
        clock: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
        *,
        admission_seconds: float = 0.0,
    ) -> None:
        self._address_count = address_count
        self._openings_left = address_count - 1
        self._admission_seconds = admission_seconds
        self._refused_at: float | None = None  # first
        self._refusal: _Refusal | None = None  # the last one since all addresses were asked
        self._patience_seconds = patience_seconds
        self._tell = on_connection or (lambda _event: None)
        self._clock = clock
        self._uniform = uniform
        self._lost_at: float | None = None
        self._working_since: float | None = None
        self._attempt = 0

    def note_failure(self, error: TranslateError, address: str, *, is_open: bool, can_resume: bool) -> float:
        """Returns the seconds to wait before another attempt; raises the error where none is of use.

        What was never open is tried once at each address, without a pause; where there is no room, again when the
        server says, if the caller has the time. What was open can be resumed, if anything can.
        """
        if not can_heal(error):
            raise error
        if not is_open:
            return self._note_unopened(error, address)
        if not can_resume:
            raise error
        if self._is_new_break():
            self._lost_at, self._attempt = self._clock(), 0
        if self._attempt == 0 or self._working_since is not None:
            self._tell(ConnectionEvent("lost", address, error=error))
        self._working_since = None
        delay_seconds = max(self._pause_seconds(), error.retry_delay_seconds)
        if self._lost_seconds + delay_seconds > self._patience_seconds:
            raise error
        return delay_seconds

    def _note_unopened(self, error: TranslateError, address: str) -> float:
        now = self._clock()
        if error.retry_delay_seconds:
            self._refusal = _Refusal(error, address, now + error.retry_delay_seconds)
            self._refused_at = now if self._refused_at is None else self._refused_at
        if self._openings_left > 0:
            self._openings_left -= 1
            return 0.0
        refusal, self._refusal = self._refusal, None  # of one address, though others should be away
        if refusal is None or self._refused_at is None:
            raise error
        if refusal.come_back_at - self._refused_at > self._admission_seconds:
            raise refusal.error
        self._openings_left = self._address_count - 1
        waited_seconds = now - self._refused_at
        self._tell(ConnectionEvent("refused", refusal.address, after_seconds=waited_seconds, error=refusal.error))
        return max(0.0, refusal.come_back_at - now)

    def note_attempt(self, address: str) -> None:
        """Takes in that another connection is being made."""
        if self._lost_at is not None:
            self._attempt += 1
            self._tell(ConnectionEvent("trying", address, self._attempt, self._lost_seconds))

    def note_working(self, address: str) -> None:
        """Takes in that the server has answered on the stream."""
        if self._working_since is not None:
            return
        self._working_since = self._clock()
        if self._lost_at is not None:
            self._tell(ConnectionEvent("resumed", address, self._attempt, self._lost_seconds))

    @property
    def _lost_seconds(self) -> float:
        return self._clock() - self._lost_at if self._lost_at is not None else 0.0

    def _is_new_break(self) -> bool:
        if self._lost_at is None:
            return True
        return self._working_since is not None and self._clock() - self._working_since >= _STEADY_SECONDS

    def _pause_seconds(self) -> float:
        if self._attempt == 0:
            return 0.0
        return self._uniform(0.0, min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2 ** min(self._attempt - 1, 10)))


def can_heal(error: TranslateError) -> bool:
    """Whether the same request may succeed over another connection."""
    if error.code in _OF_THE_TRANSPORT:
        return not error.reason
    return error.code in _PASSING and error.reason != "CLIENT_STALLED"
