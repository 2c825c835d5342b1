import asyncio

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from structlog.testing import capture_logs

from livetranslate import names
from livetranslate.breakers import Breakers, BreakerState
from livetranslate.errors import UnavailableError

CLOSED, HALF_OPEN, OPEN = BreakerState.CLOSED, BreakerState.HALF_OPEN, BreakerState.OPEN


async def fail(breakers: Breakers, dependency: str) -> None:
    with pytest.raises(UnavailableError):
        async with breakers.guarding(dependency):
            raise UnavailableError("AWAY", "It is away.")


async def outage(breakers: Breakers, dependency: str) -> None:
    """Two failures, one failed try, and an answer."""
    changes: asyncio.Queue[tuple[str, BreakerState]] = asyncio.Queue()
    breakers.on_change(lambda name, state: changes.put_nowait((name, state)))
    async with asyncio.timeout(60):
        for _ in range(2):
            await fail(breakers, dependency)
            assert [await changes.get(), await changes.get()] == [(dependency, OPEN), (dependency, HALF_OPEN)]
    async with breakers.guarding(dependency):
        pass
    assert await changes.get() == (dependency, CLOSED)


async def test_each_dependency_has_its_own() -> None:
    """One that is away is left alone; the others are called."""
    breakers = Breakers("asr", "mt", failure_limit=1)
    await fail(breakers, "mt")
    assert (breakers.state("asr"), breakers.state("mt")) == (CLOSED, OPEN)
    async with breakers.guarding("asr"):
        pass


async def test_an_outage_is_two_lines_in_the_log() -> None:
    """One when it begins and one when it ends, however often it was tried between."""
    with capture_logs() as lines:
        await outage(Breakers("mt", failure_limit=1, open_seconds=0.02), "mt")
    assert [(line["event"], line["dependency"]) for line in lines] == [
        ("dependency is away", "mt"),
        ("dependency is back", "mt"),
    ]


async def test_states_are_measured() -> None:
    """Each dependency's state is a gauge; the openings are counted."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("test")
    breakers = Breakers("asr", "mt", failure_limit=1, open_seconds=0.02, meter=meter)
    await outage(breakers, "mt")
    assert measured(reader) == {
        (names.BREAKER_STATE, "asr"): 0,
        (names.BREAKER_STATE, "mt"): 0,
        (names.BREAKER_OPENINGS, "asr"): 0,
        (names.BREAKER_OPENINGS, "mt"): 2,
    }
    await fail(breakers, "asr")
    assert measured(reader)[names.BREAKER_STATE, "asr"] == 2


def measured(reader: InMemoryMetricReader) -> dict[tuple[str, object], int | float]:
    """The newest value of each metric, by dependency."""
    data = reader.get_metrics_data()
    assert data is not None
    metrics = data.resource_metrics[0].scope_metrics[0].metrics
    return {
        (metric.name, (point.attributes or {})[names.DEPENDENCY]): point.value
        for metric in metrics
        for point in metric.data.data_points
        if isinstance(point, NumberDataPoint)
    }
