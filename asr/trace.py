"""The trace of each segment: its root span lives here, and its context travels on inside the revisions."""

from opentelemetry.trace import Span

from asr.session import DecodeStep
from livetranslate import names
from livetranslate.samples import ms_of_samples, segment_id
from livetranslate.telemetry import start_span, traceparent_of


class SegmentTraces:
    """The segment being decoded, as a span that is linked to the session's."""

    def __init__(self, session_id: str, session_traceparent: str, model: str) -> None:
        """Trace the segments of one session."""
        self._session_id = session_id
        self._session_traceparent = session_traceparent
        self._model = model
        self._span: Span | None = None
        self._segment_start = -1

    def of_step(self, step: DecodeStep, seconds_since_audio: float) -> str:
        """The `traceparent` for a step; a segment's first one starts its span, when its audio came in."""
        if step.segment_start != self._segment_start:
            self.close()
            self._segment_start = step.segment_start
            attributes = {
                names.SESSION_ID: self._session_id,
                names.SEGMENT_ID: segment_id(step.segment_start),
                names.MODEL: self._model,
            }
            self._span = start_span(
                names.SEGMENT_SPAN,
                link=self._session_traceparent,
                start_seconds_ago=seconds_since_audio,
                attributes=attributes,
            )
        if step.is_end and self._span is not None:
            self._span.set_attribute(names.AUDIO_MS, ms_of_samples(step.end_sample - step.segment_start))
        return traceparent_of(self._span) if self._span else ""

    def of_segment(self, *, is_final: bool) -> str:
        """The `traceparent` for a revision; the final one ends the span."""
        if self._span is None:
            return ""
        traceparent = traceparent_of(self._span)
        if is_final:
            self.close()
        return traceparent

    def close(self) -> None:
        """End the span of a segment that turned out to be noise, or that was broken off."""
        if self._span is not None:
            self._span.end()
            self._span = None
