import asyncio
from collections.abc import Callable

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader

from livetranslate import metrics, names, request_timer
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    InvalidArgumentError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.request_timer import RequestTimer
from livetranslate.triton import TritonClient
from tests.fake_triton import FakeTriton, served

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Read = Callable[[], list[HistogramDataPoint]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """What was measured so far."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("test")
    monkeypatch.setattr(request_timer, "_duration", metrics.histogram(names.MODEL_DURATION, meter))

    def read() -> list[HistogramDataPoint]:
        data = reader.get_metrics_data()
        assert data
        (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
        return [point for point in metric.data.data_points if isinstance(point, HistogramDataPoint)]

    return read


async def test_an_answer_is_measured(read: Read) -> None:
    """A request that is answered counts as ok, with the trace that it was part of."""
    async with RequestTimer("asr_null", TRACEPARENT):
        pass
    (point,) = read()
    assert point.attributes == {names.MODEL: "asr_null", names.OUTCOME: "ok"}
    (exemplar,) = point.exemplars
    assert exemplar.trace_id == 0x0AF7651916CD43DD8448EB211C80319C


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ResourceExhaustedError("MODEL_BUSY", ""), "busy"),
        (DeadlineExceededError("MODEL_TIMEOUT", ""), "timeout"),
        (UnavailableError("TRITON_UNAVAILABLE", ""), "away"),
        (InvalidArgumentError("MODEL_REFUSED", ""), "refused"),
        (InternalError("MODEL_FAILED", ""), "failed"),
        (asyncio.CancelledError(), "abandoned"),
        (ValueError(), "failed"),
    ],
)
async def test_a_failure_is_measured(read: Read, error: BaseException, outcome: str) -> None:
    """A request that fails counts by what has become of it."""
    with pytest.raises(type(error)):
        async with RequestTimer("asr_null", ""):
            raise error
    (point,) = read()
    assert (point.attributes or {})[names.OUTCOME] == outcome


async def test_of_several_answers_the_first_counts(read: Read) -> None:
    """A stream is measured to its first answer, whatever becomes of it then."""

    async def stream() -> None:
        async with RequestTimer("tts_null", "") as timer:
            timer.note_answer()
            raise ValueError("later")

    with pytest.raises(ValueError, match="later"):
        await stream()
    (point,) = read()
    assert (point.attributes or {})[names.OUTCOME] == "ok"
    assert point.count == 1


async def test_who_waits_in_vain_is_measured(read: Read) -> None:
    """A request that is refused before it was sent, because the model has enough to do, counts as busy."""
    triton = FakeTriton({"mt_a": {"task": "mt"}})
    triton.is_stuck = True
    async with served(triton) as address:
        client = TritonClient(address)
        await client.models("mt")
        in_place = [asyncio.create_task(client.infer("mt_a", {}, timeout_seconds=60)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ResourceExhaustedError):
            await client.infer("mt_a", {}, timeout_seconds=20, queue_timeout_seconds=0.01)
        (point,) = read()
        assert (point.attributes or {})[names.OUTCOME] == "busy"
    await asyncio.gather(*in_place, return_exceptions=True)
    await client.close()
