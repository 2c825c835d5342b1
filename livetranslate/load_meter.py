"""Measures how busy this process is and the models it asks, and tells each stream about once a second.

What is long over does not count: a service that has nothing to do is not busy, however busy it was.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol, TypeVar

from livetranslate import names
from livetranslate.load import Load, Recent
from livetranslate.metrics import histogram
from livetranslate.v1 import types_pb2
from livetranslate.wire import duration_of_seconds, seconds_of_duration

QueueWait = Callable[[], Awaitable[float]]
"""Measures how long work has waited in the last seconds; asked about once a second. It does not raise."""


class Answer(Protocol):
    """An answer on the wire that can tell the load, too."""

    @property
    def load(self) -> types_pb2.Load:
        """What it tells."""


AnAnswer = TypeVar("AnAnswer", bound=Answer)

REPORT_SECONDS = 1.0
"""How often a stream tells, and how often queues are asked."""

_TICK_SECONDS = 0.05  # half of a delay that matters, so that none goes unseen; a session wakes the loop as often

_loop_delay = histogram(names.LOOP_DELAY)


class LoadMeter:
    """One per process; it measures while `run` runs."""

    def __init__(self, *queue_waits: QueueWait) -> None:
        """Measure the event loop and these queues: the one that is worst off counts."""
        self._queue_waits = queue_waits
        self._queue_wait_seconds = 0.0
        self._delays = Recent()
        self.load = Load()
        self.message = load_to_proto(self.load)

    async def run(self) -> None:
        """Measure until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._measure_loop())
            if self._queue_waits:
                tasks.create_task(self._measure_queues())

    async def _measure_loop(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due_seconds = clock() + _TICK_SECONDS
            await asyncio.sleep(_TICK_SECONDS)
            now_seconds = clock()
            delay_seconds = max(0.0, now_seconds - due_seconds)
            _loop_delay.record(delay_seconds)
            self._delays.add(delay_seconds, now_seconds)
            self._renew(now_seconds)

    async def _measure_queues(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            self._queue_wait_seconds = max([await measure() for measure in self._queue_waits])
            self._renew(clock())
            await asyncio.sleep(REPORT_SECONDS)

    def _renew(self, now_seconds: float) -> None:
        self.load = Load(self._queue_wait_seconds, self._delays.percentile(now_seconds))
        self.message = load_to_proto(self.load)


class LoadReport:
    """What one stream tells of the load: at once, and then about once a second."""

    def __init__(self, meter: LoadMeter) -> None:
        """Tell what this meter shows."""
        self._meter = meter
        self._due_seconds = -math.inf

    def due(self, now_seconds: float) -> types_pb2.Load | None:
        """What is to be told now, if anything, by a clock that never goes back. All streams share the message."""
        if now_seconds < self._due_seconds:
            return None
        self._due_seconds = now_seconds + REPORT_SECONDS
        return self._meter.message


def telling_load(
    send: Callable[[AnAnswer], Awaitable[None]], meter: LoadMeter
) -> Callable[[AnAnswer], Awaitable[None]]:
    """What sends the answers of one stream, and with them the load when it is due."""
    report, clock = LoadReport(meter), asyncio.get_running_loop().time

    async def tell(answer: AnAnswer) -> None:
        if (load := report.due(clock())) is not None:
            answer.load.CopyFrom(load)
        await send(answer)

    return tell


@asynccontextmanager
async def measuring(*queue_waits: QueueWait) -> AsyncIterator[LoadMeter]:
    """A meter that measures while the block runs; should it fail, so does the block."""
    meter = LoadMeter(*queue_waits)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(meter.run())
        try:
            yield meter
        finally:
            running.cancel()


def load_to_proto(load: Load) -> types_pb2.Load:
    """As it is sent."""
    return types_pb2.Load(
        queue_wait=duration_of_seconds(load.queue_wait_seconds),
        event_loop_delay=duration_of_seconds(load.loop_delay_seconds),
    )


def load_from_proto(message: types_pb2.Load) -> Load:
    """As it was sent."""
    return Load(seconds_of_duration(message.queue_wait), seconds_of_duration(message.event_loop_delay))
