"""Decoding on a `sequence` model: one Triton sequence per segment, held only while somebody speaks.

A sequence can be lost: Triton was restarted or has reaped it, the model's process died, an answer did not come. Then
another one hears the segment's audio from its start in the same steps and so says the same words, and nobody notices
but by the time it takes.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import numpy as np

from asr.hypothesis import Hypothesis
from asr.memory import MAX_DECODER_STATE_BYTES
from asr.recognizer import Recognize, patient, phrases_input, words_of
from asr.session import DecodeStep
from asr.slots import SequenceSlots
from livetranslate.errors import DependencyError, InternalError, InvalidArgumentError, LiveTranslateError
from livetranslate.models import Model
from livetranslate.samples import samples_of_ms
from livetranslate.tensors import Value, reading_answer
from livetranslate.triton import Outputs, SequenceStep, TritonClient

_END_SECONDS = 2
_NOTHING = np.zeros(samples_of_ms(10), np.int16)  # to end with


class SequenceRecognizer:
    """The recognizer of one session on a `sequence` model."""

    def __init__(
        self,
        triton: TritonClient,
        model: Model,
        slots: SequenceSlots,
        *,
        timeout_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
    ) -> None:
        """Share the connection and the slots with the other sessions.

        Args:
            triton: Where the model is.
            model: What to decode with.
            slots: Those of the model.
            timeout_seconds: How long one step may take.
            patience_seconds: How long a step is tried again.
            phrases: Those likely to be said, for a model that takes them.
        """
        self._triton = triton
        self._model = model
        self._slots = slots
        self._timeout_seconds = timeout_seconds
        self._phrases = phrases_input(model, phrases)
        self._decode = patient(self._attempt, _may_heal, patience_seconds)
        self._steps: list[DecodeStep] = []  # of the segment so far: a sequence that is lost costs nothing but time
        self._sequence_id = 0  # of the one that Triton may know; 0: none
        self._is_whole = False  # whether that one has heard all steps before the last

    async def recognize(self, step: DecodeStep, traceparent: str) -> Hypothesis:
        """Decode the next step; where that fails in the end, the segment's decoder is free again.

        Raises:
            ResourceExhaustedError: No decoder became free in time.
            InvalidArgumentError: The model refuses the step.
            LiveTranslateError: Triton or the model was away for longer than we wait.
        """
        if step.is_start:
            await self._slots.take()
        elif not self._steps:
            raise RuntimeError("a segment goes on that has not been started")
        self._steps.append(step)
        try:
            hypothesis = await self._decode(traceparent)
        except LiveTranslateError:
            await self.abandon()
            raise
        if step.is_end:
            self._sequence_id = 0
            self._leave()
        return hypothesis

    async def abandon(self) -> None:
        """Free the decoder of a segment that will not be finished."""
        if not self._steps:
            return
        try:
            await self._end_sequence()
        except DependencyError:
            self._sequence_id = 0  # Triton is away: should it still know the sequence, it will reap it
        finally:
            self._leave()

    def _leave(self) -> None:
        self._steps.clear()
        self._is_whole = False
        self._slots.give_back()

    async def _attempt(self, traceparent: str) -> Hypothesis:
        if not self._is_whole:
            await self._end_sequence()
            self._sequence_id = secrets.randbits(63) | 1
            for step in self._steps[:-1]:
                await self._infer(step, traceparent)
        self._is_whole = False  # until there is an answer: nobody knows what became of a step without one
        started = time.perf_counter()
        outputs = await self._infer(self._steps[-1], traceparent)
        self._is_whole = True
        with reading_answer(self._model.name):
            return _hypothesis(outputs, self._steps[0].start_sample, time.perf_counter() - started)

    async def _end_sequence(self) -> None:
        """Free the decoder of the sequence that Triton may still know: it would keep it for seconds.

        Raises:
            DependencyError: Triton does not answer.
        """
        if not self._sequence_id:
            return
        step = SequenceStep(self._sequence_id, is_start=False, is_end=True)
        inputs: dict[str, Value] = {"AUDIO": _NOTHING, "STATE": [b""]}
        with suppress(InvalidArgumentError, InternalError):  # it is forgotten already: there is nothing to free
            await self._triton.infer(self._model.name, inputs, timeout_seconds=_END_SECONDS, sequence=step)
        self._sequence_id = 0

    async def _infer(self, step: DecodeStep, traceparent: str) -> Outputs:
        inputs: dict[str, Value] = {"AUDIO": step.samples, "STATE": [step.decoder_state]}
        if step.is_start:
            inputs |= self._phrases
        return await self._triton.infer(
            self._model.name,
            inputs,
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
    state = bytes(outputs["STATE"][0])
    if len(state) > MAX_DECODER_STATE_BYTES:
        raise InternalError("STATE_TOO_LARGE", f"The model's state has more than {MAX_DECODER_STATE_BYTES} bytes.")
    return Hypothesis(words_of(outputs, start_sample), state, model_seconds)


def _may_heal(error: BaseException) -> bool:
    """Whether the same step may be decoded later, or by another sequence."""
    if isinstance(error, InvalidArgumentError):
        return "START flag" in error.message  # what Triton, or the model, says of a sequence that it does not know
    return isinstance(error, DependencyError) or (isinstance(error, InternalError) and error.reason == "MODEL_FAILED")
