import os

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from livetranslate import telemetry
from livetranslate.telemetry import start_span, trace_id_of, traceparent_of

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Keeps the spans that end during the test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_trace_travels_as_text(exporter: InMemorySpanExporter) -> None:
    """A span continued from a `traceparent` is the child of the span that it was made of."""
    parent = start_span("parent")
    child = start_span("child", traceparent_of(parent), attributes={"size": 3})
    child.end()
    parent.end()
    spans = by_name(exporter)
    assert (link := spans["child"].parent)
    assert link.span_id == parent.get_span_context().span_id
    assert spans["child"].attributes == {"size": 3}


def test_without_a_parent_a_trace_begins(exporter: InMemorySpanExporter) -> None:
    """A span without a parent starts a trace of its own, linked to the session's."""
    session, segment = start_span("session"), None
    segment = start_span("segment", link=traceparent_of(session))
    segment.end()
    span = by_name(exporter)["segment"]
    assert span.parent is None
    assert [link.context.trace_id for link in span.links] == [session.get_span_context().trace_id]
    assert segment.get_span_context().trace_id != session.get_span_context().trace_id


def test_a_start_can_be_dated_back(exporter: InMemorySpanExporter) -> None:
    """A span that started before it was known of is as long as it really was."""
    start_span("late", start_seconds_ago=2).end()
    span = by_name(exporter)["late"]
    assert span.start_time
    assert span.end_time
    assert 2 <= (span.end_time - span.start_time) / 1e9 < 60


def test_what_nobody_records_has_no_context() -> None:
    """Without an endpoint a span costs nothing and passes nothing on."""
    span = start_span("unheard")
    assert not span.is_recording()
    assert traceparent_of(span) == ""


@pytest.mark.parametrize(
    ("variables", "kinds"),
    [
        ({}, set()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector"}, {"TRACES", "METRICS"}),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector"}, {"TRACES"}),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector"}, {"METRICS"}),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector", "OTEL_METRICS_EXPORTER": "none"}, {"TRACES"}),
    ],
)
def test_what_is_exported_follows_the_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kinds: set[str]
) -> None:
    """An endpoint may be for all or for one kind, and a kind may be switched off."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert {kind for kind in ("TRACES", "METRICS") if telemetry._has_endpoint(kind)} == kinds


def test_a_trace_has_an_id_for_logs() -> None:
    """The id of a trace is what stands in its `traceparent`; without a trace there is none."""
    assert trace_id_of(TRACEPARENT) == "0af7651916cd43dd8448eb211c80319c"
    assert trace_id_of("") == trace_id_of("no traceparent") == ""
