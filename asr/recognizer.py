"""Decoding on Triton: one Triton sequence per segment, held only while somebody speaks."""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np

from asr.hypothesis import Hypothesis, Word
from asr.session import DecodeStep
from livetranslate.errors import LiveTranslateError, ResourceExhaustedError
from livetranslate.models import Model
from livetranslate.samples import samples_of_ms
from livetranslate.tensors import Value
from livetranslate.triton import Outputs, SequenceStep, TritonClient

Recognize = Callable[[DecodeStep, str], Awaitable[Hypothesis]]
"""Decodes the next step of a segment, as part of the span with this `traceparent`."""


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


class SequenceRecognizer:
    """The recognizer of one session on a `sequence` model."""

    def __init__(self, triton: TritonClient, model: Model, slots: SequenceSlots, timeout_seconds: float) -> None:
        """Share the connection and the slots with the other sessions."""
        self._triton = triton
        self._model = model
        self._slots = slots
        self._timeout_seconds = timeout_seconds
        self._sequence_id: int | None = None
        self._start_sample = 0

    async def recognize(self, step: DecodeStep, traceparent: str) -> Hypothesis:
        """Decode the next step; a step that fails ends its sequence."""
        if step.is_start:
            await self._slots.take()
            self._sequence_id = secrets.randbits(63) | 1
            self._start_sample = step.start_sample
        started = time.perf_counter()
        try:
            outputs = await self._infer(step, traceparent)
        except LiveTranslateError:
            await self.abandon()
            raise
        if step.is_end:
            self._sequence_id = None
            self._slots.give_back()
        return _hypothesis(outputs, self._start_sample, time.perf_counter() - started)

    async def abandon(self) -> None:
        """Free the decoder of a segment that will not be finished."""
        if self._sequence_id is None:
            return
        step = SequenceStep(self._sequence_id, is_start=False, is_end=True)
        self._sequence_id = None
        nothing: dict[str, Value] = {"AUDIO": np.zeros(samples_of_ms(10), np.int16), "STATE": [b""]}
        try:
            await self._triton.infer(self._model.name, nothing, timeout_seconds=2, sequence=step)
        except LiveTranslateError:
            pass  # Triton has forgotten the sequence already, or is gone: then there is nothing to free
        finally:
            self._slots.give_back()

    async def _infer(self, step: DecodeStep, traceparent: str) -> Outputs:
        if self._sequence_id is None:
            raise RuntimeError("a segment goes on that has not been started")
        return await self._triton.infer(
            self._model.name,
            {"AUDIO": step.samples, "STATE": [step.decoder_state]},
            timeout_seconds=self._timeout_seconds,
            sequence=SequenceStep(self._sequence_id, step.is_start, step.is_end),
            traceparent=traceparent,
        )


@asynccontextmanager
async def recognizing(recognizer: SequenceRecognizer) -> AsyncIterator[Recognize]:
    """Lend out a recognizer; its decoder is freed however the block ends."""
    try:
        yield recognizer.recognize
    finally:
        await asyncio.shield(recognizer.abandon())


def _hypothesis(outputs: Outputs, start_sample: int, model_seconds: float) -> Hypothesis:
    columns = (outputs[name] for name in ("WORDS", "WORD_START_SAMPLES", "WORD_END_SAMPLES", "WORD_CONFIDENCE"))
    words = tuple(
        Word(text.decode(), start_sample + int(start), start_sample + int(end), float(confidence))
        for text, start, end, confidence in zip(*columns, strict=True)
    )
    return Hypothesis(words, bytes(outputs["STATE"][0]), model_seconds)
