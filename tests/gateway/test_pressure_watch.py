"""Sessions are told what is left out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import pressure_watch
from gateway.degradation import Degradation
from gateway.pressure import Bounds, Pressure
from gateway.pressure_watch import PressureWatch
from livetranslate.load import Load
from livetranslate.load_meter import LoadMeter, load_to_proto

BUSY, CALM = load_to_proto(Load(queue_wait_seconds=2.0)), load_to_proto(Load())
NEVER = Bounds(queue_wait_seconds=0.5, loop_delay_seconds=3600)  # this machine may be as slow as it likes


@asynccontextmanager
async def watching(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PressureWatch]:
    """A watch whose pressure counts a hundred times as fast."""
    monkeypatch.setattr(pressure_watch, "_LOOK_SECONDS", 0.001)
    monkeypatch.setattr("gateway.pressure.HARDER_SECONDS", 0.05)
    monkeypatch.setattr("gateway.pressure.MILDER_SECONDS", 0.05)
    monkeypatch.setattr("gateway.pressure._PERIOD_SECONDS", 60)
    watch = PressureWatch(Pressure(NEVER), LoadMeter())
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        yield watch
        running.cancel()


async def test_sessions_hear_of_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them; one that begins later hears at once of what is left out by then."""
    async with watching(monkeypatch) as watch:
        waiting = [asyncio.create_task(watch.other_than(Degradation.NONE)) for _ in range(3)]
        watch.receive("asr", BUSY)
        assert all(step > Degradation.NONE for step in await asyncio.gather(*waiting))
        step = Degradation.NONE
        while step is not Degradation.NO_PARTIALS:
            step = await watch.other_than(step)
        assert await watch.other_than(Degradation.NONE) is Degradation.NO_PARTIALS


async def test_this_process_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little the services have to do: its own event loop is late."""
    monkeypatch.setattr("gateway.pressure.HARDER_SECONDS", 0.05)
    watch = PressureWatch(Pressure(Bounds(loop_delay_seconds=1e-9)), LoadMeter())
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        watch.receive("asr", CALM)
        assert await watch.other_than(Degradation.NONE) > Degradation.NONE
        running.cancel()


async def test_what_has_been_taken_back_meanwhile_is_no_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that was about to hear of it goes on waiting."""
    monkeypatch.setattr(pressure_watch, "_SPREAD_SECONDS", 0)
    watch = PressureWatch(Pressure(NEVER), LoadMeter())
    waiting = asyncio.create_task(watch.other_than(Degradation.NONE))
    for step in (Degradation.WIDER_STEPS, Degradation.NONE):
        await asyncio.sleep(0)
        watch._tell(step, 0.0)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    watch._tell(Degradation.NO_DRAFTS, 0.0)
    assert await waiting is Degradation.NO_DRAFTS
