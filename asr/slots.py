"""How many sequences a model decodes at a time."""

import asyncio
import sys
import time

from livetranslate import names
from livetranslate.errors import ResourceExhaustedError
from livetranslate.load import Recent
from livetranslate.metrics import histogram
from livetranslate.models import Model

_wait = histogram(names.SLOT_WAIT)


class SequenceSlots:
    """The sequences that one model decodes at a time; Triton would let further ones wait in silence."""

    def __init__(self, model: Model, timeout_seconds: float) -> None:
        """Count the slots that the model says it has; 0 is no limit."""
        self.limit = model.sequence_slots
        self.used = 0
        self._free = asyncio.Semaphore(self.limit or sys.maxsize)
        self._timeout_seconds = timeout_seconds
        self._waiting: list[float] = []  # since when, of those that wait
        self._waits = Recent()

    async def take(self) -> None:
        """Wait for a free slot.

        Raises:
            ResourceExhaustedError: None became free in time.
        """
        has_to_wait = self._free.locked()
        began = time.monotonic()
        self._waiting.append(began)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._free.acquire()
            self.used += 1
        except TimeoutError:
            message = "All decoders are busy. Speak again later, or add replicas of the model."
            raise ResourceExhaustedError("NO_DECODER", message) from None
        finally:
            self._waiting.remove(began)
            now = time.monotonic()
            _wait.record(now - began)
            if has_to_wait:
                self._waits.add(now - began, now)

    def give_back(self) -> None:
        """Free a slot."""
        self.used -= 1
        self._free.release()

    @property
    def waiting_count(self) -> int:
        """How many wait for a slot."""
        return len(self._waiting)

    @property
    def wait_seconds(self) -> float:
        """The longest wait of those going on and those that ended in the last seconds."""
        now = time.monotonic()
        return max(now - min(self._waiting, default=now), self._waits.highest(now))
