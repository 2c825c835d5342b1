"""Translation on Triton: finals first and with a second attempt, drafts only while they are fresh."""

import time
from collections.abc import Awaitable, Callable

import tenacity

from livetranslate import names
from livetranslate.errors import ResourceExhaustedError, UnavailableError
from livetranslate.telemetry import start_span, traceparent_of
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TritonClient
from mt.job import Job, Translation
from mt.settings import MtSettings

Translate = Callable[[Job, float], Awaitable[Translation]]
"""Translates a job that has waited so many seconds since its segment came."""

_ATTEMPTS = 2  # a caption that comes later than that helps nobody


class TritonTranslator:
    """The models behind one Triton."""

    def __init__(self, triton: TritonClient, settings: MtSettings) -> None:
        """Use a connection that others may use too."""
        self._triton = triton
        self._final_timeout_seconds = settings.final_timeout_seconds
        self._draft_timeout_seconds = settings.draft_timeout_ms / 1000
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type((UnavailableError, ResourceExhaustedError)),
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=tenacity.wait_random(0, 2 * settings.retry_wait_seconds),
            reraise=True,
        )
        self._final_or_again = retrying.wraps(self._final)

    async def translate(self, job: Job, waited_seconds: float = 0.0) -> Translation:
        """Translate a job; a final has a span, dated back to when its segment came.

        Raises:
            LiveTranslateError: As `TritonClient.infer`.
        """
        if not job.segment.is_final:
            return await self._draft(job)
        attributes: dict[str, str | bool] = {
            names.SEGMENT_ID: job.segment.segment_id,
            names.LANGUAGE: job.route.language_code,
            names.MODEL: job.route.model,
            names.IS_FINAL: True,
        }
        parent = job.segment.traceparent
        span = start_span(names.MT_SPAN, parent, start_seconds_ago=waited_seconds, attributes=attributes)
        try:
            return await self._final_or_again(job, traceparent_of(span))
        finally:
            span.end()

    async def _final(self, job: Job, traceparent: str) -> Translation:
        span = start_span(names.MT_TRITON_SPAN, traceparent, attributes={names.MODEL: job.route.model})
        started = time.perf_counter()
        try:
            outputs = await self._triton.infer(
                job.route.model,
                _inputs(job),
                timeout_seconds=self._final_timeout_seconds,
                priority=FINAL_PRIORITY,
                traceparent=traceparent_of(span),
            )
        finally:
            span.end()
        return Translation(bytes(outputs["TRANSLATION"][0]).decode(), time.perf_counter() - started, traceparent)

    async def _draft(self, job: Job) -> Translation:
        started = time.perf_counter()
        outputs = await self._triton.infer(
            job.route.model,
            _inputs(job),
            timeout_seconds=self._draft_timeout_seconds,
            priority=DRAFT_PRIORITY,
            queue_timeout_seconds=self._draft_timeout_seconds,
        )
        return Translation(bytes(outputs["TRANSLATION"][0]).decode(), time.perf_counter() - started)


def _inputs(job: Job) -> dict[str, list[str]]:
    return {
        "TEXT": [job.segment.text],
        "SOURCE_LANGUAGE": [job.route.source],
        "TARGET_LANGUAGE": [job.route.target],
    }
