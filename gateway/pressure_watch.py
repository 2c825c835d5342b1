"""Looks at the pressure all the time, and tells the sessions that run what is left out."""

import asyncio
import random
import time
from collections.abc import Iterable

import structlog
from opentelemetry.metrics import CallbackOptions, Observation

from gateway.degradation import Degradation
from gateway.pressure import Pressure
from livetranslate import names
from livetranslate.load_meter import LoadMeter, load_from_proto
from livetranslate.metrics import gauge
from livetranslate.v1 import types_pb2

log = structlog.get_logger()

_LOOK_SECONDS = 0.25  # a twentieth of what has to last until something is done
_SPREAD_SECONDS = 0.5  # hundreds of sessions that all react at one moment would be the next overload


class PressureWatch:
    """One per process."""

    def __init__(self, pressure: Pressure, meter: LoadMeter) -> None:
        """Watch what the services tell, and this process itself as `meter` measures it."""
        self._pressure = pressure
        self._meter = meter
        self._changed = asyncio.Event()
        self.degradation = Degradation.NONE
        """What is left out now."""

    def receive(self, source: str, load: types_pb2.Load) -> None:
        """A service has told how busy it is."""
        self._pressure.receive(source, load_from_proto(load), time.monotonic())

    async def run(self) -> None:
        """Watch until cancelled."""
        gauge(names.DEGRADATION, self._observe)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._meter.run())
            while True:
                self._look(time.monotonic())
                await asyncio.sleep(_LOOK_SECONDS)

    async def other_than(self, known: Degradation) -> Degradation:
        """Wait until something else is left out than is known; sessions hear of it one after the other."""
        while self.degradation is known:
            await self._changed.wait()
            await asyncio.sleep(random.uniform(0, _SPREAD_SECONDS))  # noqa: S311 - no secret
        return self.degradation

    def _look(self, now: float) -> None:
        self._pressure.receive("gateway", self._meter.load, now)
        degradation = self._pressure.update(now)
        if degradation is not self.degradation:
            self._tell(degradation, now)

    def _tell(self, degradation: Degradation, now: float) -> None:
        worst = self._pressure.worst(now)
        log.warning(
            "degradation changed",
            degradation=degradation.name,
            source=worst.source,
            measure=worst.measure,
            seconds=round(worst.seconds, 3),
        )
        self.degradation = degradation
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _observe(self, _: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self.degradation)
