import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint

from livetranslate import names
from livetranslate.errors import ResourceExhaustedError
from livetranslate.model_queues import REFUSED_SECONDS, ModelQueues
from livetranslate.tensors import Value
from livetranslate.triton import TritonClient
from tests.fake_triton import FULL, FakeTriton, served

SECOND = 1_000_000_000
TEXT: dict[str, Value] = {"TEXT": ["good"]}


@pytest.fixture
def triton() -> FakeTriton:
    triton = FakeTriton({"mt_a": {}, "mt_b": {}})
    triton.queues = {"mt_a": (100, 900 * SECOND), "mt_b": (0, 0), "tts_c": (0, 0)}
    return triton


@pytest.fixture
async def client(triton: FakeTriton) -> AsyncIterator[TritonClient]:
    async with served(triton) as address:
        client = TritonClient(address)
        yield client
        await client.close()


async def ask(client: TritonClient, *models: str) -> None:
    """Asks each model once, whatever comes of it."""
    for model in models:
        with suppress(ResourceExhaustedError):
            await client.infer(model, TEXT, timeout_seconds=20)


async def test_what_came_before_does_not_count(client: TritonClient) -> None:
    """The first look tells nothing: what Triton has counted may be from last week."""
    queues = ModelQueues(client)
    await ask(client, "mt_a")
    assert await queues.wait_seconds() == 0.0


async def test_the_mean_wait_between_two_looks_counts(triton: FakeTriton, client: TritonClient) -> None:
    """Of all the requests that Triton has answered in between; when none are asked any more, it is over."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    await ask(client, "mt_a")
    triton.queues["mt_a"] = (104, 902 * SECOND)
    assert await queues.wait_seconds() == 0.5
    assert await queues.wait_seconds() == 0.0


async def test_the_model_that_is_worst_off_counts(triton: FakeTriton, client: TritonClient) -> None:
    """Of those that are asked here: others' are nothing to this process."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    await ask(client, "mt_a", "mt_b")
    triton.queues = {"mt_a": (101, 901 * SECOND), "mt_b": (1, 3 * SECOND), "tts_c": (1, 9 * SECOND)}
    assert await queues.wait_seconds() == 3.0


async def test_what_is_refused_counts_as_a_wait(triton: FakeTriton, client: TritonClient) -> None:
    """However soon the others were answered."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    triton.failures.extend([FULL] * 3)
    await ask(client, "mt_a", "mt_a", "mt_a", "mt_a")
    triton.queues["mt_a"] = (101, 900 * SECOND)
    assert await queues.wait_seconds() == 0.75 * REFUSED_SECONDS


async def test_who_waits_here_counts_beside_who_is_refused_here(client: TritonClient) -> None:
    """Those who were refused have not waited: they do not make the wait of the others shorter."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    tally = client.tallies["mt_a"]
    tally.asked = tally.ended = 4
    tally.refused, tally.entered, tally.waited_seconds = 2, 2, 1.0
    assert await queues.wait_seconds() == 0.5 * 0.5 + 0.5 * REFUSED_SECONDS


async def test_work_that_does_not_come_out_waits_on(triton: FakeTriton, client: TritonClient) -> None:
    """While requests are under way and none is answered, the wait is what it was."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    await ask(client, "mt_a")
    triton.queues["mt_a"] = (101, 902 * SECOND)
    assert await queues.wait_seconds() == 2.0
    async with client.tallies["mt_a"].counting():
        assert await queues.wait_seconds() == 2.0
    assert await queues.wait_seconds() == 0.0


async def test_a_model_that_was_loaded_anew_counts_from_its_beginning(triton: FakeTriton, client: TritonClient) -> None:
    """Counts that go back say nothing of the time between two looks."""
    queues = ModelQueues(client)
    await queues.wait_seconds()
    await ask(client, "mt_a")
    triton.queues["mt_a"] = (1, SECOND)
    assert await queues.wait_seconds() == 0.0
    triton.queues["mt_a"] = (7, 0)
    assert await queues.wait_seconds() == 0.0


async def test_without_triton_nobody_waits() -> None:
    """That it is away is not pressure."""
    client = TritonClient("127.0.0.1:1")
    async with asyncio.timeout(20):
        assert await ModelQueues(client).wait_seconds() == 0.0
    await client.close()


async def test_each_models_wait_is_shown(triton: FakeTriton, client: TritonClient) -> None:
    """As a metric by model."""
    reader = InMemoryMetricReader()
    queues = ModelQueues(client, MeterProvider([reader]).get_meter("test"))
    await queues.wait_seconds()
    await ask(client, "mt_a")
    triton.queues["mt_a"] = (101, 902 * SECOND)
    await queues.wait_seconds()
    data = reader.get_metrics_data()
    assert data is not None
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    (point,) = metric.data.data_points
    assert isinstance(point, NumberDataPoint)
    assert (metric.name, point.attributes, point.value) == (names.QUEUE_WAIT, {names.MODEL: "mt_a"}, 2.0)
