"""The sessions that run on this replica: who may begin now, and the one that has to go when it is taken over.

A new session is let in as long as those that run are served in time, as measured. What one more costs is seen only a
second or two after it has begun, so a rush must not be in by then. Therefore sessions begin at a pace, as packets do in
TCP's slow start (Jacobson 1988): each second at most as many as there are, and once work begins to wait, few.

A session that is resumed has been let in already: it counts, and is refused only where there is no place at all.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.degradation import Degradation
from gateway.pressure import Pressure
from livetranslate.errors import AbortedError, ResourceExhaustedError

_FULL_SECONDS = 1.0  # until a place may be free
_BUSY_SECONDS = 2.0  # until a reading is forgotten; with each step of degradation twice as long
_MAX_RETRY_SECONDS = 60.0  # by then anything may have changed
_EASY_RATIO = 0.25  # of a bound: below it nothing waits that matters
_EASY_START = 1 / 2  # of the most that may begin in a second: as many may begin where nobody is
_CAREFUL_SHARE = 1 / 16  # of those who run: in the two seconds until it is measured, an eighth too many at most
_JITTER = 0.2  # of a delay: those who are refused at one moment do not come back at one moment


def taken_over(session_id: str) -> AbortedError:
    """What ends a stream whose session goes on in another one."""
    message = "The session goes on in another stream, which has resumed it, or it was deleted."
    return AbortedError("SESSION_TAKEN_OVER", message, session_id=session_id)


class Admission:
    """Counts sessions."""

    def __init__(
        self,
        max_sessions: int,
        *,
        sessions_per_second: int = 20,
        pressure: Pressure | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Let in so many at a time, and at most so many a second, while the pressure allows it."""
        self._max_sessions = max_sessions
        self._sessions_per_second = sessions_per_second
        self._pressure = pressure or Pressure()
        self._clock = clock
        self._begun_at: deque[float] = deque(maxlen=sessions_per_second)  # the last ones
        self._come_back_at = clock()  # when the last one that was refused may come
        self._open_count = 0
        self._running: dict[str, tuple[int, asyncio.Event]] = {}

    @contextmanager
    def place(self, session_id: str = "") -> Iterator[None]:
        """Hold a place while the block runs.

        One that takes over a session which runs here always finds one; one that resumes another, if there is one left.

        Args:
            session_id: The session to be resumed; empty for a new one.

        Raises:
            ResourceExhaustedError: A new one may not begin now. It says when to come again.
        """
        now = self._clock()
        if self._open_count >= self._max_sessions and session_id not in self._running:
            message = f"This server has its {self._max_sessions} sessions."
            # Who was let in before does not stand in line behind those who were not: its window to resume runs out.
            seconds = _FULL_SECONDS if session_id else self._turn(now, _FULL_SECONDS)
            raise _refusal("TOO_MANY_SESSIONS", message, seconds, limit=str(self._max_sessions))
        if not session_id:
            self._check_pressure(now)
            self._check_pace(now)
        self._begun_at.append(now)
        self._open_count += 1
        try:
            yield
        finally:
            self._open_count -= 1

    @contextmanager
    def running(self, session_id: str, generation: int, is_superseded: asyncio.Event) -> Iterator[None]:
        """A session runs here while the block does; an older generation of it is superseded.

        Raises:
            AbortedError: A newer one runs here already.
        """
        if self._running.get(session_id, (0, None))[0] > generation:
            raise taken_over(session_id)
        self.supersede(session_id, generation)
        mine = self._running[session_id] = (generation, is_superseded)
        try:
            yield
        finally:
            if self._running.get(session_id) is mine:
                del self._running[session_id]

    def generations(self) -> dict[str, int]:
        """The sessions that run here, and the generation of each."""
        return {session_id: generation for session_id, (generation, _) in self._running.items()}

    def supersede(self, session_id: str, generation: int) -> None:
        """A session goes on elsewhere, by a newer generation: what runs here of it ends."""
        running_generation, is_superseded = self._running.get(session_id, (generation, None))
        if is_superseded is not None and running_generation < generation:
            is_superseded.set()

    def _check_pressure(self, now: float) -> None:
        """Whoever runs here is to be served in time, and to have back what was left out, before others begin."""
        degradation, worst = self._pressure.degradation, self._pressure.worst(now)
        is_busy = worst.is_over or degradation is not Degradation.NONE
        if not is_busy or not self._open_count:  # where nobody runs nobody is made late, and the load is another's
            return
        raise _refusal(
            "SERVER_BUSY",
            "This server is busy: one more session would make those late that run.",
            self._turn(now, _BUSY_SECONDS * 2**degradation),
            degradation=degradation.name,
            service=worst.source,
            measure=worst.measure,
            seconds=f"{worst.seconds:.3f}",
            bound_seconds=f"{worst.bound_seconds:g}",
        )

    def _check_pace(self, now: float) -> None:
        if self._begun_count(now) >= (limit := self._pace(now)):
            message = f"{limit} sessions have begun within a second, as many as this server lets in at a time."
            raise _refusal("TOO_MANY_OPENINGS", message, self._turn(now, 1.0), limit=str(limit))

    def _begun_count(self, now: float) -> int:
        """How many have begun within the last second."""
        return sum(now - begun_at < 1 for begun_at in self._begun_at)

    def _pace(self, now: float) -> int:
        """How many may begin in a second."""
        most, settled = self._sessions_per_second, self._open_count - self._begun_count(now)
        is_easy = self._pressure.worst(now).ratio < _EASY_RATIO
        pace = max(most * _EASY_START, settled) if is_easy else settled * _CAREFUL_SHARE
        return max(1, min(most, int(pace)))

    def _turn(self, now: float, least_seconds: float) -> float:
        """In how many seconds one who is refused may come: one after the other, as fast as they may begin."""
        turn = max(self._come_back_at, now + least_seconds) + 1 / self._pace(now)
        self._come_back_at = min(turn, now + _MAX_RETRY_SECONDS)
        return self._come_back_at - now


def _refusal(reason: str, message: str, mean_seconds: float, /, **metadata: str) -> ResourceExhaustedError:
    retry_seconds = mean_seconds * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret
    advice = f"Try again in {retry_seconds:.1f} s, or at another one."
    error = ResourceExhaustedError(reason, f"{message} {advice}", **metadata)
    error.retry_seconds = retry_seconds
    return error
