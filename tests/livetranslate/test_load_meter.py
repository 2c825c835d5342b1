import asyncio
import time
from collections.abc import Callable

import pytest

from livetranslate.load import Load
from livetranslate.load_meter import LoadMeter, LoadReport, load_from_proto, load_to_proto, measuring, telling_load
from livetranslate.v1 import asr_pb2


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for a measurement."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


async def test_a_blocked_event_loop_is_seen() -> None:
    """What was due while a call held the loop came late."""
    async with measuring() as meter:
        await until(lambda: meter.load != Load())
        time.sleep(0.5)  # noqa: ASYNC251 - this is what is measured
        await until(lambda: meter.load.loop_delay_seconds > 0.4)


async def test_the_queue_that_is_worst_off_counts() -> None:
    """Of several queues the longest wait is told."""
    waits = {"a": 0.1, "b": 0.7}

    async def wait_in_a() -> float:
        return waits["a"]

    async def wait_in_b() -> float:
        return waits["b"]

    async with measuring(wait_in_a, wait_in_b) as meter:
        await until(lambda: meter.load.queue_wait_seconds == 0.7)
        waits["b"] = 0.0
        await until(lambda: meter.load.queue_wait_seconds == 0.1)


def test_a_stream_tells_the_load_once_a_second() -> None:
    """The first message carries it, and then the first one after each second."""
    report = LoadReport(LoadMeter())
    told = [now for now in (0.0, 0.5, 0.9, 1.1, 1.9, 2.2) if report.due(now) is not None]
    assert told == [0.0, 1.1, 2.2]


async def test_a_stream_tells_what_the_meter_shows() -> None:
    """The message is that of the newest measurement."""

    async def wait() -> float:
        return 0.25

    async with measuring(wait) as meter:
        await until(lambda: meter.load.queue_wait_seconds > 0)
        message = LoadReport(meter).due(0.0)
    assert message is not None
    assert load_from_proto(message).queue_wait_seconds == 0.25


def test_a_load_comes_through_the_wire() -> None:
    """Both figures, to the nanosecond."""
    load = Load(queue_wait_seconds=1.25, loop_delay_seconds=0.125)
    assert load_from_proto(load_to_proto(load)) == load


async def test_the_load_goes_with_whatever_is_sent() -> None:
    """The first answer of a stream carries it; of the next ones, so soon after, none does."""
    sent: list[asr_pb2.StreamingRecognizeResponse] = []

    async def send(answer: asr_pb2.StreamingRecognizeResponse) -> None:
        sent.append(answer)

    tell = telling_load(send, LoadMeter())
    for _ in range(3):
        await tell(asr_pb2.StreamingRecognizeResponse(progress=asr_pb2.RecognitionProgress()))
    assert [answer.HasField("load") for answer in sent] == [True, False, False]
    assert all(answer.HasField("progress") for answer in sent)


async def test_a_measurement_that_fails_is_not_hidden() -> None:
    """Whoever measures hears of it."""

    async def fail() -> float:
        raise RuntimeError("a mistake")

    with pytest.raises(ExceptionGroup):
        async with measuring(fail):
            await asyncio.Event().wait()
