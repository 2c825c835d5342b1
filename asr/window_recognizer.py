"""Decoding on a `window` model: each request is a whole window, and Triton batches those of all sessions.

Windows are padded to one of the lengths that the model names, for Triton batches equal shapes only. What makes a
segment final goes first. Other windows soon have a newer one behind them: they wait in Triton's queue until then, and
after that count as never asked for. Nothing is cancelled: Triton 2.51 may crash of it.
"""

import time
from collections.abc import Sequence

import numpy as np

from asr.audio_buffer import Samples
from asr.hypothesis import Hypothesis
from asr.metrics import count_missed_window
from asr.recognizer import patient, phrases_input, words_of
from asr.session import DecodeStep
from livetranslate.errors import DependencyError, InternalError, ResourceExhaustedError
from livetranslate.models import Model, primary
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.tensors import Value, read_text, reading_answer
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, Outputs, TritonClient

MISSED = Hypothesis((), is_missing=True)

_QUEUE_SECONDS = 1.0  # as long as a step: then the next window is due, which has all of this one's audio


class WindowRecognizer:
    """The recognizer of one session on a `window` model."""

    def __init__(
        self,
        triton: TritonClient,
        model: Model,
        *,
        timeout_seconds: float,
        patience_seconds: float,
        phrases: Sequence[str] = (),
    ) -> None:
        """Share the connection with the other sessions.

        Args:
            triton: Where the model is.
            model: What to decode with.
            timeout_seconds: How long one window may take.
            patience_seconds: How long a window is tried again.
            phrases: Those likely to be said, for a model that takes them.
        """
        self._triton = triton
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._phrases = phrases_input(model, phrases)
        self._lengths = sorted(seconds * SAMPLE_RATE_HERTZ for seconds in model.window_seconds)
        self._final_at_last = patient(self._infer, _may_heal, patience_seconds)
        self._draft_at_last = patient(self._infer, _may_heal_draft, patience_seconds)

    async def recognize(self, step: DecodeStep, traceparent: str) -> Hypothesis:
        """Decode a window. `MISSED` where the model has no time for one that may be missed.

        Raises:
            InvalidArgumentError: The model refuses the window.
            LiveTranslateError: Triton or the model was away for longer than we wait.
        """
        if step.is_end or len(step.samples) == self._lengths[-1]:
            return await self._final_at_last(step, traceparent, FINAL_PRIORITY, 0)
        try:
            return await self._draft_at_last(step, traceparent, DRAFT_PRIORITY, _QUEUE_SECONDS)
        except ResourceExhaustedError:
            count_missed_window()
            return MISSED

    async def _infer(
        self, step: DecodeStep, traceparent: str, priority: int, queue_timeout_seconds: float
    ) -> Hypothesis:
        started = time.perf_counter()
        outputs = await self._triton.infer(
            self._model.name,
            self._inputs(step),
            timeout_seconds=self._timeout_seconds,
            priority=priority,
            queue_timeout_seconds=queue_timeout_seconds,
            traceparent=traceparent,
        )
        with reading_answer(self._model.name):
            return _hypothesis(outputs, step, time.perf_counter() - started)

    def _inputs(self, step: DecodeStep) -> dict[str, Value]:
        inputs: dict[str, Value] = {
            "AUDIO": self._padded(step.samples),
            "LENGTH": np.array([len(step.samples)], np.int32),
            "LANGUAGE": [step.language if step.language in self._model.languages else primary(step.language)],
            **self._phrases,
        }
        if "prompt" in self._model.takes:
            inputs["PROMPT"] = [step.prompt]
        return inputs

    def _padded(self, samples: Samples) -> Samples:
        length = next(length for length in self._lengths if length >= len(samples))
        return np.pad(samples, (0, length - len(samples)))


def _hypothesis(outputs: Outputs, step: DecodeStep, model_seconds: float) -> Hypothesis:
    return Hypothesis(
        words_of(outputs, step.start_sample),
        model_seconds=model_seconds,
        language=read_text(outputs["LANGUAGE"][0]),
        language_probability=float(outputs["LANGUAGE_PROBABILITY"][0]),
        no_speech_probability=float(outputs["NO_SPEECH_PROBABILITY"][0]),
        mean_log_probability=float(outputs["MEAN_LOG_PROBABILITY"][0]),
        compression_ratio=float(outputs["COMPRESSION_RATIO"][0]),
    )


def _may_heal(error: BaseException) -> bool:
    """Whether the same window may be decoded later."""
    return isinstance(error, DependencyError) or (isinstance(error, InternalError) and error.reason == "MODEL_FAILED")


def _may_heal_draft(error: BaseException) -> bool:
    """Whether it is worth it though a newer window will come: a Triton that was away must not change the words."""
    return _may_heal(error) and not isinstance(error, ResourceExhaustedError)
