"""What has been counted of the requests to a model: by Triton, and by a client of it."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

from livetranslate.errors import ResourceExhaustedError


@dataclass(frozen=True, slots=True)
class Queued:
    """What Triton has counted of a model's queue since the model was loaded.

    Attributes:
        count: Requests of all callers that left it and were answered.
        seconds: How long they were in it, together.
    """

    count: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """What became of the requests to a model, of one client alone.

    Attributes:
        asked: All of them.
        ended: Those that are over, however.
        refused: Those of these that the model had no time for.
        entered: Those whose turn came, where they have to wait for it here.
        waited_seconds: How long these waited, together.
    """

    asked: int = 0
    ended: int = 0
    refused: int = 0
    entered: int = 0
    waited_seconds: float = 0.0

    def copy(self) -> "Tally":
        """As it stands now."""
        return replace(self)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count what the block does: waiting, in vain or not, before a request."""
        began = time.monotonic()
        try:
            yield
        except ResourceExhaustedError:
            self.asked += 1
            self.ended += 1
            self.refused += 1
            raise
        self.entered += 1
        self.waited_seconds += time.monotonic() - began

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[None]:
        """Count what the block does: one request."""
        self.asked += 1
        try:
            yield
        except ResourceExhaustedError:
            self.refused += 1
            raise
        finally:
            self.ended += 1
