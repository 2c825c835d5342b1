"""Traces, metrics and logs.

A segment's trace context travels inside messages, as the `traceparent` of W3C Trace Context. Spans and metrics are
exported over OTLP/HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; all of OpenTelemetry's own variables apply.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import structlog
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from structlog.tracebacks import ExceptionDictTransformer

_TRACEPARENT = "traceparent"
_LAST_EXPORT_MS = 3000  # at the end, where nobody may be there to take it
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("livetranslate")
_traceback = ExceptionDictTransformer(show_locals=False)  # variables hold what was said


@contextmanager
def exporting(service_name: str) -> Iterator[None]:
    """Export spans and metrics while the block runs, if an endpoint is set; they cost next to nothing otherwise."""
    resource = Resource.create({"service.name": service_name})
    with ExitStack() as stack:
        if _has_endpoint("TRACES"):
            tracer_provider = TracerProvider(resource=resource)
            tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
            trace.set_tracer_provider(tracer_provider)
            stack.callback(tracer_provider.shutdown)
        if _has_endpoint("METRICS"):
            meter_provider = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())], resource)
            metrics.set_meter_provider(meter_provider)
            stack.callback(meter_provider.shutdown, _LAST_EXPORT_MS)
        yield


def _has_endpoint(kind: str) -> bool:
    """Whether TRACES or METRICS are to be exported."""
    endpoint = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{part}ENDPOINT") for part in ("", f"{kind}_"))
    return endpoint and os.environ.get(f"OTEL_{kind}_EXPORTER") != "none"


def start_span(
    name: str,
    parent: str = "",
    *,
    link: str = "",
    start_seconds_ago: float = 0.0,
    attributes: Mapping[str, AttributeValue] | None = None,
) -> Span:
    """Start a span; the caller ends it.

    Args:
        name: One of `livetranslate.names`.
        parent: The `traceparent` to continue; empty starts a new trace.
        link: The `traceparent` of a related trace, e.g. the session's.
        start_seconds_ago: Dates the start back.
        attributes: By their names in `livetranslate.names`.
    """
    links = [Link(_span_context(link))] if link else []
    context = _propagator.extract({_TRACEPARENT: parent}) if parent else trace.set_span_in_context(trace.INVALID_SPAN)
    start = _nanoseconds_ago(start_seconds_ago) if start_seconds_ago else None
    return _tracer.start_span(name, context=context, links=links, attributes=attributes, start_time=start)


def traceparent_of(span: Span) -> str:
    """The span as a `traceparent`; empty where nobody records it."""
    if not span.is_recording():
        return ""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, context=trace.set_span_in_context(span))
    return carrier.get(_TRACEPARENT, "")


def _span_context(traceparent: str) -> trace.SpanContext:
    return trace.get_current_span(_propagator.extract({_TRACEPARENT: traceparent})).get_span_context()


def _nanoseconds_ago(seconds: float) -> int:
    return time.time_ns() - round(seconds * 1e9)


def set_up_logging(level: str, service: str) -> None:
    """Log one line of JSON per event to standard error, with the service's name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(_traceback),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(service=service)
