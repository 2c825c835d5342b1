"""The seam between recognition and the models behind Triton, and what the recognizers of both styles share."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ParamSpec, TypeVar

import tenacity

from asr.hypothesis import Hypothesis, Word
from asr.session import DecodeStep
from livetranslate.errors import LiveTranslateError
from livetranslate.metrics import count_retry
from livetranslate.models import Model
from livetranslate.tensors import Value, read_text
from livetranslate.triton import TRITON, Outputs

Recognize = Callable[[DecodeStep, str], Awaitable[Hypothesis]]
"""Decodes the next step of a segment, as part of the span with this `traceparent`."""

P = ParamSpec("P")
Answer = TypeVar("Answer")

_MAX_WAIT_SECONDS = 0.5  # a Triton that is back is used again at once


def patient(
    attempt: Callable[P, Awaitable[Answer]], may_heal: Callable[[BaseException], bool], patience_seconds: float
) -> Callable[P, Awaitable[Answer]]:
    """The same call, but that it tries again, with jitter, what may heal."""
    retrying = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(may_heal),
        stop=tenacity.stop_after_delay(patience_seconds),
        wait=tenacity.wait_random_exponential(multiplier=0.05, max=_MAX_WAIT_SECONDS),
        before_sleep=lambda _: count_retry(TRITON),
        reraise=True,
    )

    async def call(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return await attempt(*args, **kwargs)
        except LiveTranslateError as error:
            failures = [error]  # only now is it worth what keeping count of attempts costs

        async def again() -> Answer:
            if failures:
                raise failures.pop()
            return await attempt(*args, **kwargs)

        return await retrying(again)

    return call


def words_of(outputs: Outputs, start_sample: int) -> tuple[Word, ...]:
    """The words in a model's answer, which counts samples from `start_sample`.

    An empty text is no word; times that go back and confidences that are no numbers are put right.
    """
    columns = (outputs[name] for name in ("WORDS", "WORD_START_SAMPLES", "WORD_END_SAMPLES", "WORD_CONFIDENCE"))
    return tuple(
        _word(written, start_sample, start, end, float(confidence))
        for text, start, end, confidence in zip(*columns, strict=True)
        if (written := " ".join(read_text(text).split()))
    )


def phrases_input(model: Model, phrases: Sequence[str]) -> dict[str, Value]:
    """The tensor that tells a model which phrases are likely, a line each; none where it does not take them."""
    if not phrases or "phrases" not in model.takes:
        return {}
    return {"PHRASES": ["\n".join(" ".join(phrase.split()) for phrase in phrases)]}


def _word(text: str, origin: int, start: int, end: int, confidence: float) -> Word:
    first = max(0, int(start))
    last = max(first, int(end))
    return Word(text, origin + first, origin + last, min(1.0, max(0.0, confidence)))  # of NaN: 0
