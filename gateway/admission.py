"""The sessions that run on this replica: how many there may be, and the one that has to go when it is taken over."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from livetranslate.errors import AbortedError, ResourceExhaustedError


def taken_over(session_id: str) -> AbortedError:
    """What ends a stream whose session goes on in another one."""
    message = "The session goes on in another stream, which has resumed it, or it was deleted."
    return AbortedError("SESSION_TAKEN_OVER", message, session_id=session_id)


class Admission:
    """Counts sessions."""

    def __init__(self, max_sessions: int) -> None:
        """Let in so many at a time."""
        self._max_sessions = max_sessions
        self._open_count = 0
        self._running: dict[str, tuple[int, asyncio.Event]] = {}

    @contextmanager
    def place(self, session_id: str = "") -> Iterator[None]:
        """Hold a place while the block runs; one that takes over a session which runs here always finds one.

        Raises:
            ResourceExhaustedError: There is none.
        """
        if self._open_count >= self._max_sessions and session_id not in self._running:
            message = f"This server has its {self._max_sessions} sessions. Try again soon, or at another one."
            raise ResourceExhaustedError("TOO_MANY_SESSIONS", message, limit=str(self._max_sessions))
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
