"""Many sessions at a time, played by processes of their own."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from math import log
from multiprocessing import get_context
from typing import Final

from bench.capacity.script import PLACES
from bench.capacity.visit import Record, Visit, play
from bench.load import CHUNK_SECONDS
from bench.measurement import Window
from bench.speech import recording

MOST_STARTS_PER_SECOND: Final = 15.0  # a gateway lets in somewhat more
_FIRST_STARTS_PER_SECOND: Final = 3.0  # and of those who come first, and of those who come where much is done, fewer:
_STARTS_FOR_EACH: Final = 0.1  # in a second, for each session that runs
_ADMISSION_SECONDS: Final = 3.0  # for those who were refused for haste, and come again when they were told to
_GOLDEN: Final = 0.6180339887  # its multiples, modulo 1, keep as far from one another as can be
_START_DELAY_SECONDS: Final = 0.3  # until every process has its part
SETTLE_SECONDS: Final = 4.0  # after the last session has started: most have had a segment by then
TAIL_SECONDS: Final = 1.0  # sessions speak on for a while after the window, so that all of it is under full load


@dataclass(frozen=True, slots=True)
class Round:
    """Sessions that start one after the other, and then all speak at once.

    Attributes:
        count: How many.
        begin: When the first one starts.
        window_seconds: How long all of them are measured.
    """

    count: int
    begin: float
    window_seconds: float

    @property
    def window(self) -> Window:
        """While all speak."""
        start = self.begin + ramp_seconds(self.count) + CHUNK_SECONDS + _ADMISSION_SECONDS + SETTLE_SECONDS
        return Window(start, start + self.window_seconds)

    def visits(self) -> list[Visit]:
        """All sessions."""
        end, until = self.window.end + TAIL_SECONDS, self.window.start - SETTLE_SECONDS
        return [
            Visit(number % PLACES, self.begin + ramp_seconds(number) + jitter_seconds(number), end, until)
            for number in range(self.count)
        ]


def new_round(count: int, window_seconds: float) -> Round:
    """One that begins in a moment."""
    return Round(count, time.monotonic() + _START_DELAY_SECONDS, window_seconds)


def ramp_seconds(number: int) -> float:
    """When the session of a number starts after the first one: the more there are, the faster others follow."""
    slow = _FIRST_STARTS_PER_SECOND / _STARTS_FOR_EACH
    fast = MOST_STARTS_PER_SECOND / _STARTS_FOR_EACH
    first, growing = min(number, slow), min(max(number, slow), fast)
    return (
        first / _FIRST_STARTS_PER_SECOND
        + log(growing / slow) / _STARTS_FOR_EACH
        + max(0.0, number - fast) / MOST_STARTS_PER_SECOND
    )


def jitter_seconds(number: int) -> float:
    """What to add to its start, so that no two sessions send at the same moment of each tenth of a second."""
    return number * _GOLDEN % 1 * CHUNK_SECONDS


@dataclass(frozen=True, slots=True)
class Playing:
    """Sessions that are being played."""

    parts: Sequence[Future[tuple[list[Record], float]]]

    def results(self) -> tuple[list[Record], float]:
        """Once all have ended: what became of them, in no particular order, and the CPU seconds of playing them."""
        parts = [part.result() for part in self.parts]
        return list(chain.from_iterable(records for records, _ in parts)), sum(seconds for _, seconds in parts)


class Crowd:
    """Processes that play sessions."""

    def __init__(self, pool: ProcessPoolExecutor, process_count: int) -> None:
        """Share sessions among so many processes of the pool."""
        self._pool = pool
        self._process_count = process_count

    def play(self, address: str, visits: Sequence[Visit], window: Window) -> Playing:
        """Play sessions at an address to their ends; the CPU that it takes is measured in a window."""
        parts = [visits[first :: self._process_count] for first in range(self._process_count)]
        return Playing([self._pool.submit(_play_all, address, part, window) for part in parts])


@contextmanager
def gathered_crowd(process_count: int) -> Iterator[Crowd]:
    """Processes that have loaded everything and wait for work."""
    # Not forked: gRPC does not survive it.
    with ProcessPoolExecutor(process_count, mp_context=get_context("spawn"), initializer=recording) as pool:
        for ready in [pool.submit(time.monotonic) for _ in range(process_count)]:
            ready.result()
        yield Crowd(pool, process_count)


def _play_all(address: str, visits: Sequence[Visit], window: Window) -> tuple[list[Record], float]:
    async def play_all() -> tuple[list[Record], float]:
        used = asyncio.create_task(_cpu_seconds(window))
        records = await asyncio.gather(*(play(address, visit) for visit in visits))
        return records, await used

    return asyncio.run(play_all())


async def _cpu_seconds(window: Window) -> float:
    await asyncio.sleep(window.start - time.monotonic())
    before = time.process_time()
    await asyncio.sleep(window.end - time.monotonic())
    return time.process_time() - before
