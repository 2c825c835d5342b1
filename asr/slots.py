"""How many sequences a model decodes at a time."""

import asyncio
import sys

from livetranslate.errors import ResourceExhaustedError
from livetranslate.models import Model


class SequenceSlots:
    """The sequences that one model decodes at a time; Triton would let further ones wait in silence."""

    def __init__(self, model: Model, timeout_seconds: float) -> None:
        """Count the slots that the model says it has; 0 is no limit."""
        self._free = asyncio.Semaphore(model.sequence_slots or sys.maxsize)
        self._timeout_seconds = timeout_seconds

    async def take(self) -> None:
        """Wait for a free slot.

        Raises:
            ResourceExhaustedError: None became free in time.
        """
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._free.acquire()
        except TimeoutError:
            message = "All decoders are busy. Speak again later, or add replicas of the model."
            raise ResourceExhaustedError("NO_DECODER", message) from None

    def give_back(self) -> None:
        """Free a slot."""
        self._free.release()
