"""One model on Triton, asked to translate."""

import time
from dataclasses import dataclass

import tenacity

from livetranslate import names
from livetranslate.errors import LiveTranslateError
from livetranslate.metrics import count_retry
from livetranslate.telemetry import start_span, traceparent_of
from livetranslate.tensors import read_text, reading_answer
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TRITON, Outputs, TritonClient
from mt.job import Job, JobKind, RouteModel
from mt.joining import joined
from mt.settings import MtSettings

_LONGEST_PAUSE_SECONDS = 0.5  # a Triton that is back is used again within a second


@dataclass(frozen=True, slots=True)
class Output:
    """What a model said.

    Attributes:
        text: The translation.
        score: The mean log probability of its tokens; None where the model does not tell.
        seconds: The time it took.
    """

    text: str
    score: float | None
    seconds: float


def retrying(patience_seconds: float, *errors: type[LiveTranslateError]) -> tenacity.AsyncRetrying:
    """What is tried again after these errors."""
    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(errors),
        stop=tenacity.stop_after_delay(patience_seconds),
        wait=tenacity.wait_random_exponential(multiplier=0.05, max=_LONGEST_PAUSE_SECONDS),
        before_sleep=lambda _: count_retry(TRITON),
        reraise=True,
    )


class Inference:
    """The models behind one Triton: clauses go first, drafts only while they are fresh."""

    def __init__(self, triton: TritonClient, settings: MtSettings) -> None:
        """Use a connection that others may use too."""
        self._triton = triton
        self._final_timeout_seconds = settings.final_timeout_seconds
        self._draft_timeout_seconds = settings.draft_timeout_ms / 1000

    async def ask(self, model: RouteModel, job: Job, text: str, traceparent: str = "") -> Output:
        """Have a model translate a text in the place of the job's own.

        Raises:
            LiveTranslateError: As `TritonClient.infer`.
        """
        started = time.perf_counter()
        if job.kind is JobKind.DRAFT:
            outputs = await self._draft(model, job, text)
        else:
            outputs = await self._clause(model, job, text, traceparent)
        with reading_answer(model.name):
            score = float(outputs["SCORE"][0]) if "SCORE" in outputs else None
            return Output(read_text(outputs["TRANSLATION"][0]), score, time.perf_counter() - started)

    async def _clause(self, model: RouteModel, job: Job, text: str, traceparent: str) -> Outputs:
        span = start_span(names.MT_TRITON_SPAN, traceparent, attributes={names.MODEL: model.name})
        try:
            return await self._triton.infer(
                model.name,
                _inputs(model, job, text),
                timeout_seconds=self._final_timeout_seconds,
                priority=FINAL_PRIORITY,
                traceparent=traceparent_of(span),
            )
        finally:
            span.end()

    async def _draft(self, model: RouteModel, job: Job, text: str) -> Outputs:
        return await self._triton.infer(
            model.name,
            _inputs(model, job, text),
            timeout_seconds=self._draft_timeout_seconds,
            priority=DRAFT_PRIORITY,
            queue_timeout_seconds=self._draft_timeout_seconds,
        )


def _inputs(model: RouteModel, job: Job, text: str) -> dict[str, list[str]]:
    inputs = {"TEXT": [text], "SOURCE_LANGUAGE": [model.source], "TARGET_LANGUAGE": [model.target]}
    if "context" in model.takes:
        inputs["CONTEXT"] = ["\n".join(_context(model, job))]  # one string: a batch needs equal shapes
    if "prefix" in model.takes:
        inputs |= {"TEXT": [joined(job.before, text, model.source)], "PREFIX": [job.prefix]}
    return inputs


def _context(model: RouteModel, job: Job) -> tuple[str, ...]:
    """What was said before the text; where others of the chain take it as a prefix, it is not in the job's context."""
    is_apart = job.route.takes_prefix and "prefix" not in model.takes
    return (*job.context, job.before) if is_apart and job.before else job.context
