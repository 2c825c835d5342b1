"""Translation on Triton."""

from collections.abc import AsyncIterator

import grpc
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from livetranslate import names, telemetry
from livetranslate.errors import InvalidArgumentError, LiveTranslateError, ResourceExhaustedError
from livetranslate.triton import DRAFT_PRIORITY, FINAL_PRIORITY, TritonClient
from mt.job import Job, JobKind, Route, RouteModel, Segment
from mt.settings import MtSettings
from mt.translator import TritonTranslator
from tests.fake_triton import AWAY, FULL, REFUSED, FakeTriton, served, text_of

ROUTE = Route("es-MX", (RouteModel("mt_test", "en", "es"),))
FINAL = Job(Segment("1", 2, "good morning", is_final=True), ROUTE, "good morning")
SLOW = (grpc.StatusCode.DEADLINE_EXCEEDED, "")
BROKEN = (grpc.StatusCode.INTERNAL, "Stub process is not healthy.")
DRAFT = Job(Segment("1", 1, "good"), ROUTE, "good", JobKind.DRAFT)


@pytest.fixture
def triton() -> FakeTriton:
    return FakeTriton({})


@pytest.fixture
async def translator(triton: FakeTriton) -> AsyncIterator[TritonTranslator]:
    async with served(triton) as address:
        client = TritonClient(address)
        yield TritonTranslator(client, MtSettings(final_timeout_seconds=5))
        await client.close()


async def test_a_final_goes_first(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A final carries the text and the pair as the model writes it, at the higher priority, with no queue limit."""
    translation = await translator.translate(FINAL)
    ((request, _),) = triton.requests
    assert translation.text == "good morning"
    assert translation.model_seconds > 0
    assert (text_of(request, "SOURCE_LANGUAGE"), text_of(request, "TARGET_LANGUAGE")) == ("en", "es")
    assert request.parameters["priority"].uint64_param == FINAL_PRIORITY
    assert "timeout" not in request.parameters


async def test_a_draft_does_not_wait(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A draft has the lower priority and a limit in Triton's queue."""
    await translator.translate(DRAFT)
    ((request, _),) = triton.requests
    assert request.parameters["priority"].uint64_param == DRAFT_PRIORITY
    assert request.parameters["timeout"].int64_param == 1_000_000


async def test_a_draft_is_translated_without_a_span(triton: FakeTriton, translator: TritonTranslator) -> None:
    """A draft is translated, and is not traced: there are many, and most are replaced."""
    translation = await translator.translate(DRAFT)
    assert (translation.text, translation.traceparent) == ("good", "")
    assert [traceparent for _, traceparent in triton.requests] == [""]


@pytest.mark.parametrize("failure", [FULL, AWAY, SLOW, BROKEN])
async def test_a_final_is_tried_until_it_is_done(
    triton: FakeTriton, translator: TritonTranslator, failure: tuple[grpc.StatusCode, str]
) -> None:
    """A final that finds the model full, away or broken is tried again."""
    triton.failures.extend([failure] * 3)
    assert (await translator.translate(FINAL)).text == "good morning"
    assert len(triton.requests) == 4


async def test_patience_ends(triton: FakeTriton) -> None:
    """A final that finds the queue full for long enough has failed."""
    triton.failures.extend([FULL] * 100)
    async with served(triton) as address:
        client = TritonClient(address)
        with pytest.raises(ResourceExhaustedError):
            await TritonTranslator(client, MtSettings(final_patience_seconds=0.1)).translate(FINAL)
        await client.close()
    assert len(triton.requests) > 1


@pytest.mark.parametrize("failure", [FULL, AWAY, SLOW, BROKEN])
async def test_a_draft_is_tried_once(
    triton: FakeTriton, translator: TritonTranslator, failure: tuple[grpc.StatusCode, str]
) -> None:
    """What is soon replaced is not worth a second attempt."""
    triton.failures.append(failure)
    with pytest.raises(LiveTranslateError):
        await translator.translate(DRAFT)
    assert len(triton.requests) == 1


async def test_a_refused_text_is_not_tried_again(triton: FakeTriton, translator: TritonTranslator) -> None:
    """What the model cannot read it is not sent twice."""
    triton.failures.append(REFUSED)
    with pytest.raises(InvalidArgumentError):
        await translator.translate(FINAL)
    assert len(triton.requests) == 1


async def test_a_final_is_traced(
    triton: FakeTriton, translator: TritonTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A final's span continues its segment's trace, Triton's span lies inside, and neither carries text."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    traceparent = f"00-{'1' * 32}-{'2' * 16}-01"
    segment = Segment("1", 2, "good morning", is_final=True, traceparent=traceparent)
    translation = await translator.translate(Job(segment, ROUTE, segment.text), 1.5)
    inner, outer = exporter.get_finished_spans()
    assert (inner.name, outer.name) == (names.MT_TRITON_SPAN, names.MT_SPAN)
    assert outer.parent is not None
    assert outer.parent.span_id == int("2" * 16, 16)
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id
    assert outer.start_time is not None
    assert outer.end_time is not None
    assert outer.end_time - outer.start_time >= 1.5e9
    assert f"{outer.context.span_id:016x}" in translation.traceparent
    assert f"{inner.context.span_id:016x}" in triton.requests[0][1]
    assert "good" not in outer.to_json() + inner.to_json()
