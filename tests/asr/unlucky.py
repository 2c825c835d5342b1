"""A client of a real Triton to which things happen."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from livetranslate.errors import DeadlineExceededError, InvalidArgumentError, UnavailableError
from livetranslate.tensors import Value
from livetranslate.triton import Outputs, SequenceStep, TritonClient


class Unlucky(TritonClient):
    """Fails now and then, before a request or after it, or loses the sequence.

    Attributes:
        faults: What happens to each request to come, in turn: "before", "after", "lost" or nothing.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.faults: list[str] = []

    async def infer(self, model: str, inputs: Mapping[str, Value], **options: Any) -> Outputs:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise UnavailableError("TRITON_UNAVAILABLE", "The request was lost.")
        if fault == "lost":
            await self._lose(model, options["sequence"])
        outputs = await super().infer(model, inputs, **options)
        if fault == "after":
            raise DeadlineExceededError("MODEL_TIMEOUT", "The answer was lost.")
        return outputs

    async def _lose(self, model: str, place: SequenceStep) -> None:
        """End a sequence behind the back of whoever it belongs to."""
        end = SequenceStep(place.sequence_id, is_start=False, is_end=True)
        with suppress(InvalidArgumentError):  # it has not started
            await super().infer(model, {"AUDIO": np.zeros(0, np.int16)}, timeout_seconds=5, sequence=end)
