"""The gateway's spans in the traces of segments: translating, speaking and storing, from sending to answer."""

from collections.abc import Hashable

from opentelemetry.trace import Span

from livetranslate import names
from livetranslate.logs import note_session
from livetranslate.telemetry import start_span, trace_id_of, traceparent_of

_MAX_OPEN = 256  # more than a session's hops have under way; what is never answered must not pile up


class SegmentSpans:
    """The spans of one session that are open, by what they wait for."""

    def __init__(self, session_id: str) -> None:
        """Trace one session; the lines that its stream logs name it and its trace from here on."""
        self._session_id = session_id
        self._open: dict[Hashable, Span] = {}
        session = start_span(names.SESSION_SPAN, attributes={names.SESSION_ID: session_id})
        self.session_traceparent = traceparent_of(session)
        session.end()  # short: a trace that lasts for hours is no use, and the segments' link to it
        note_session(session_id, trace_id_of(self.session_traceparent))

    def start(self, name: str, key: Hashable, parent: str, segment_id: str, language: str = "") -> str:
        """Start the span that waits for `key`; returns its `traceparent`, empty where nothing is traced."""
        if not parent:
            return ""
        attributes = {names.SESSION_ID: self._session_id, names.SEGMENT_ID: segment_id}
        if language:
            attributes[names.LANGUAGE] = language
        self.end(key)
        if len(self._open) >= _MAX_OPEN:
            self.end(next(iter(self._open)))
        span = start_span(name, parent, attributes=attributes)
        self._open[key] = span
        return traceparent_of(span)

    def end(self, key: Hashable) -> None:
        """What the span waited for has come."""
        if span := self._open.pop(key, None):
            span.end()

    def close(self) -> None:
        """End what will not be answered any more."""
        for key in list(self._open):
            self.end(key)
