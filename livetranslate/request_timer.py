"""How long requests to models take, and what comes of them."""

import asyncio
import time
from functools import lru_cache
from types import TracebackType
from typing import Self

from livetranslate import names
from livetranslate.errors import (
    DeadlineExceededError,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.metrics import histogram
from livetranslate.telemetry import trace_context

OK = "ok"

_OUTCOMES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ResourceExhaustedError, "busy"),
    (DeadlineExceededError, "timeout"),
    (UnavailableError, "away"),
    (InvalidArgumentError, "refused"),
    ((asyncio.CancelledError, GeneratorExit), "abandoned"),
    (BaseException, "failed"),
)

_duration = histogram(names.MODEL_DURATION)


class RequestTimer:
    """Measures one request, from here to its answer, to the first of several, or to its failure.

    async with RequestTimer("asr_whisper", traceparent):
        response = await stub.ModelInfer(request)
    """

    def __init__(self, model: str, traceparent: str) -> None:
        """Start; the request is part of the trace with this `traceparent`, if it is traced."""
        self._model = model
        self._traceparent = traceparent
        self._started = time.perf_counter()
        self._is_noted = False

    async def __aenter__(self) -> Self:
        """Nothing more to do."""
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        """Note the outcome, unless an answer was noted."""
        if error is None:
            self.note_answer()
        else:
            self.note_failure(error)

    def note_failure(self, error: BaseException) -> None:
        """It has failed, or was not even sent; what was noted before counts."""
        self._note(_outcome_of(error))

    def note_answer(self) -> None:
        """An answer has come; of several the first counts."""
        self._note(OK)

    def _note(self, outcome: str) -> None:
        if self._is_noted:
            return
        self._is_noted = True
        seconds = time.perf_counter() - self._started
        _duration.record(seconds, _attributes(self._model, outcome), trace_context(self._traceparent))


def _outcome_of(error: BaseException) -> str:
    return next(outcome for kind, outcome in _OUTCOMES if isinstance(error, kind))


@lru_cache(maxsize=256)  # some models, seven outcomes
def _attributes(model: str, outcome: str) -> dict[str, str]:
    return {names.MODEL: model, names.OUTCOME: outcome}
