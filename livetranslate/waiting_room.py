"""Where requests wait for a model that can take no more of them: finals go first, and drafts do not wait for long.

Triton has priorities and bounded queues of its own, but with either of them Triton 2.51 does not wake its batcher when
a batch is done, and requests wait for half a second. So models whose configuration has none are given no more requests
than they work on; all others wait here, where what is final can still overtake what is not.
"""

import asyncio
from collections import deque
from contextlib import suppress

from livetranslate.triton_errors import busy

_FINALS = 1024  # of as many sessions as a process serves, one each; to refuse it is the last resort
_DRAFTS = 256  # most of them would be too old before it is their turn


class WaitingRoom:
    """The requests of one process to one model."""

    def __init__(self, places: int) -> None:
        """Let so many in at a time."""
        self._free = places
        self._finals: deque[asyncio.Future[None]] = deque()
        self._drafts: deque[asyncio.Future[None]] = deque()

    async def enter(self, *, is_draft: bool, timeout_seconds: float | None) -> None:
        """Wait for a place; whoever has one leaves it in the end.

        Raises:
            ResourceExhaustedError: Too many wait already, or none became free in time.
        """
        if self._free:
            self._free -= 1
            return
        queue, limit = (self._drafts, _DRAFTS) if is_draft else (self._finals, _FINALS)
        if len(queue) >= limit:
            raise busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout(timeout_seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # its turn has come in the very moment in which it gave up
            with suppress(ValueError):
                queue.remove(turn)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def leave(self) -> None:
        """Give the place to whoever is next, finals first."""
        while queue := self._finals or self._drafts:
            turn = queue.popleft()
            if not turn.done():  # by giving up
                turn.set_result(None)
                return
        self._free += 1
