"""Traces and metrics, and who gets them.

A segment's trace context travels inside messages, as the `traceparent` of W3C Trace Context. Spans and metrics are
exported over OTLP/HTTP when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; all of OpenTelemetry's own variables apply. Metrics
can also be scraped (see `livetranslate.metrics_server`).
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

_TRACEPARENT = "traceparent"
_LAST_EXPORT_MS = 3000  # at the end, where nobody may be there to take it
_NO_TRACE = trace.set_span_in_context(trace.INVALID_SPAN, Context())
_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("livetranslate")


@contextmanager
def exporting(service_name: str, metrics_listen: str | None = None) -> Iterator[None]:
    """Export spans and metrics while the block runs to where they are asked for; they cost next to nothing otherwise.

    Args:
        service_name: Who exports.
        metrics_listen: The `HOST:PORT` at which metrics can be scraped.

    Raises:
        UnavailableError: That address cannot be listened on.
    """
    resource = Resource.create({"service.name": service_name})
    with ExitStack() as stack:
        if _has_endpoint("TRACES"):
            stack.enter_context(_exporting_spans(resource))
        readers: list[MetricReader] = []
        if _has_endpoint("METRICS"):
            readers.append(_otlp_reader())
        if metrics_listen is not None:
            readers.append(stack.enter_context(_scraped_reader(metrics_listen)))
        if readers:
            meter_provider = MeterProvider(readers, resource)
            metrics.set_meter_provider(meter_provider)
            stack.callback(meter_provider.shutdown, _LAST_EXPORT_MS)
        yield


# The exporters are imported where they are used: together they take a third of a second, and a service starts quickly.


@contextmanager
def _exporting_spans(resource: Resource) -> Iterator[None]:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def _otlp_reader() -> MetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter  # noqa: PLC0415

    return PeriodicExportingMetricReader(OTLPMetricExporter())


@contextmanager
def _scraped_reader(address: str) -> Iterator[MetricReader]:
    from livetranslate.metrics_server import serving_metrics  # noqa: PLC0415

    reader = InMemoryMetricReader()
    with serving_metrics(address, reader):
        yield reader


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
    start = _nanoseconds_ago(start_seconds_ago) if start_seconds_ago else None
    return _tracer.start_span(name, context=trace_context(parent), links=links, attributes=attributes, start_time=start)


def traceparent_of(span: Span) -> str:
    """The span as a `traceparent`; empty where nobody records it."""
    if not span.is_recording():
        return ""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, context=trace.set_span_in_context(span))
    return carrier.get(_TRACEPARENT, "")


@lru_cache(maxsize=1024)  # the segments of some hundred sessions, each measured several times
def trace_context(traceparent: str) -> Context:
    """What a measurement belongs to, so that an exemplar can show its trace.

    commit_lag.record(seconds, attributes, trace_context(traceparent))

    An empty `traceparent` belongs to no trace.
    """
    if not traceparent:
        return _NO_TRACE
    return _propagator.extract({_TRACEPARENT: traceparent}, _NO_TRACE)


def trace_id_of(traceparent: str) -> str:
    """A trace's id, as logs have it; empty where nobody records it."""
    context = _span_context(traceparent)
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def _span_context(traceparent: str) -> trace.SpanContext:
    return trace.get_current_span(trace_context(traceparent)).get_span_context()


def _nanoseconds_ago(seconds: float) -> int:
    return time.time_ns() - round(seconds * 1e9)
