import pytest
from opentelemetry.metrics import Observation

from livetranslate import names
from livetranslate.metrics import (
    CATALOGUE,
    SERVICES,
    Kind,
    Metric,
    QueueDepth,
    StreamQueueDepth,
    counter,
    gauge,
    histogram,
)
from tests.gateway.measuring import Measurements

ATTRIBUTE_WORDS = {"text", "transcript", "speech", "session", "address", "user", "token"}


def test_nothing_is_measured_twice() -> None:
    """Each row of the catalogue has a name of its own, and each name of a metric is in `livetranslate.names`."""
    metric_names = [row.name for row in CATALOGUE]
    assert len(set(metric_names)) == len(metric_names)
    assert set(metric_names) <= {value for value in vars(names).values() if isinstance(value, str)}


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_a_row_is_whole(row: Metric) -> None:
    """A row says what is measured and by whom; a histogram has buckets; no attribute is about who speaks or what."""
    assert row.description.endswith(".")
    assert set(row.services) <= {*SERVICES, "keeper"}
    assert row.services
    assert bool(row.boundaries) == (row.kind is Kind.HISTOGRAM)
    assert list(row.boundaries) == sorted(row.boundaries)
    assert not ATTRIBUTE_WORDS & {word for attribute in row.attributes for word in attribute.split(".")}


def test_an_instrument_of_another_kind_is_a_mistake() -> None:
    """What the catalogue calls a histogram cannot be counted."""
    with pytest.raises(TypeError, match=r"commit\.lag is a histogram, not a counter"):
        counter(names.COMMIT_LAG)


def test_buckets_are_those_of_the_catalogue() -> None:
    """A histogram counts in the buckets that the catalogue gives it."""
    measured = Measurements()
    histogram(names.COMMIT_LAG, measured.meter).record(0.25)
    assert measured.recorded(names.COMMIT_LAG) == {"": (1, 0.25)}


def test_a_gauge_shows_what_it_is_asked_for() -> None:
    """A gauge is asked at each scrape."""
    measured = Measurements()
    values = iter([1, 2])
    gauge(names.STORE_SPILLED, lambda _: [Observation(next(values))], measured.meter)
    assert measured.values(names.STORE_SPILLED) == {"": 1}
    assert measured.values(names.STORE_SPILLED) == {"": 2}


async def test_queues_of_all_streams_are_one() -> None:
    """What waits in all streams is shown as a sum; of a stream that has ended nothing waits, however it ended."""
    measured = Measurements()
    queue = QueueDepth("final", measured.meter)
    first, second = StreamQueueDepth(queue), StreamQueueDepth(queue)
    async with first:
        first.show(3)
        with pytest.raises(ValueError, match="broken off"):
            await _broken_off(second)
        assert measured.values(names.QUEUE_DEPTH) == {"final": 3}
        first.show(1)
        assert measured.values(names.QUEUE_DEPTH) == {"final": 1}
    assert measured.values(names.QUEUE_DEPTH) == {"final": 0}


async def _broken_off(depth: StreamQueueDepth) -> None:
    async with depth:
        depth.show(2)
        raise ValueError("broken off")
