import numpy as np
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from asr.session import DecodeStep
from asr.trace import SegmentTraces
from livetranslate import names, telemetry

SECOND = 16_000


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def step(start: int, *, is_start: bool, is_end: bool, segment_start: int = SECOND) -> DecodeStep:
    """A second of a segment that starts at the session's second second."""
    return DecodeStep(segment_start, start, np.zeros(SECOND, np.int16), is_start, is_end, b"")


@pytest.mark.parametrize("step_count", [1, 3])
def test_a_segment_is_a_span(exporter: InMemorySpanExporter, step_count: int) -> None:
    """All steps of a segment belong to one span, which says how long it was and ends with its final."""
    traces = SegmentTraces("a session", "", "asr_null")
    steps = [
        step((1 + number) * SECOND, is_start=not number, is_end=number == step_count - 1)
        for number in range(step_count)
    ]
    traceparents = {traces.of_step(step, 0) for step in steps}
    traceparents |= {traces.of_segment(is_final=is_final) for is_final in (False, True)}
    (span,) = exporter.get_finished_spans()
    assert len(traceparents) == 1
    assert span.attributes
    assert span.attributes[names.AUDIO_MS] == 1000 * step_count
    assert span.attributes[names.SEGMENT_ID] == "000000016000"
    assert traces.of_segment(is_final=True) == ""


def test_a_segment_that_is_broken_off_ends_its_span(exporter: InMemorySpanExporter) -> None:
    """What never becomes final is traced until the next segment, or the end."""
    traces = SegmentTraces("a session", "", "asr_null")
    for start in (SECOND, 2 * SECOND):
        traces.of_step(step(start, is_start=True, is_end=False, segment_start=start), 0)
    traces.close()
    traces.close()
    assert len(exporter.get_finished_spans()) == 2


def test_a_segment_that_is_decoded_anew_keeps_its_span(exporter: InMemorySpanExporter) -> None:
    """Its trace tells of both times."""
    traces = SegmentTraces("a session", "", "asr_null")
    traceparents = {traces.of_step(step(SECOND, is_start=True, is_end=False), 0) for _ in range(2)}
    assert len(traceparents) == 1
    traces.close()
    assert len(exporter.get_finished_spans()) == 1
