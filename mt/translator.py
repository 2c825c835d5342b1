"""Translation on Triton: finals first and until they are done, drafts only while they are fresh."""

import time
from collections.abc import Awaitable, Callable

import tenacity

from livetranslate import names
from livetranslate.metrics import count_retry
from livetranslate.telemetry import start_span, traceparent_of
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TRANSIENT, TRITON, TritonClient
from mt.job import Job, JobKind, Translation
from mt.settings import MtSettings

Translate = Callable[[Job, float], Awaitable[Translation]]
"""Translates a job that has waited so many seconds since its segment came."""

_LONGEST_PAUSE_SECONDS = 0.5  # a Triton that is back is used again within a second


class TritonTranslator:
    """The models behind one Triton."""

    def __init__(self, triton: TritonClient, settings: MtSettings) -> None:
        """Use a connection that others may use too."""
        self._triton = triton
        self._final_timeout_seconds = settings.final_timeout_seconds
        self._draft_timeout_seconds = settings.draft_timeout_ms / 1000
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TRANSIENT),
            stop=tenacity.stop_after_delay(settings.final_patience_seconds),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=_LONGEST_PAUSE_SECONDS),
            before_sleep=lambda _: count_retry(TRITON),
            reraise=True,
        )
        self._final_at_last = retrying.wraps(self._final)

    async def translate(self, job: Job, waited_seconds: float = 0.0) -> Translation:
        """Translate a job; a final has a span, dated back to when its segment came.

        Raises:
            LiveTranslateError: As `TritonClient.infer`.
        """
        if job.kind is JobKind.DRAFT:
            return await self._draft(job)
        attributes: dict[str, str | bool] = {
            names.SEGMENT_ID: job.segment.segment_id,
            names.LANGUAGE: job.route.language_code,
            names.MODEL: job.route.models[0].name,
            names.IS_FINAL: True,
        }
        parent = job.segment.traceparent
        span = start_span(names.MT_SPAN, parent, start_seconds_ago=waited_seconds, attributes=attributes)
        try:
            return await self._final_at_last(job, traceparent_of(span))
        finally:
            span.end()

    async def _final(self, job: Job, traceparent: str) -> Translation:
        span = start_span(names.MT_TRITON_SPAN, traceparent, attributes={names.MODEL: job.route.models[0].name})
        started = time.perf_counter()
        try:
            outputs = await self._triton.infer(
                job.route.models[0].name,
                _inputs(job),
                timeout_seconds=self._final_timeout_seconds,
                priority=FINAL_PRIORITY,
                traceparent=traceparent_of(span),
            )
        finally:
            span.end()
        return Translation(
            bytes(outputs["TRANSLATION"][0]).decode(),
            time.perf_counter() - started,
            traceparent,
            job.route.models[0].name,
        )

    async def _draft(self, job: Job) -> Translation:
        started = time.perf_counter()
        outputs = await self._triton.infer(
            job.route.models[0].name,
            _inputs(job),
            timeout_seconds=self._draft_timeout_seconds,
            priority=DRAFT_PRIORITY,
            queue_timeout_seconds=self._draft_timeout_seconds,
        )
        return Translation(
            bytes(outputs["TRANSLATION"][0]).decode(), time.perf_counter() - started, model=job.route.models[0].name
        )


def _inputs(job: Job) -> dict[str, list[str]]:
    return {
        "TEXT": [job.text],
        "SOURCE_LANGUAGE": [job.route.models[0].source],
        "TARGET_LANGUAGE": [job.route.models[0].target],
    }
