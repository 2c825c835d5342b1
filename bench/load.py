"""The load of a benchmark: many sessions that send audio in real time, played by processes of their own."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context

from bench.measurement import Measurement
from bench.speech import CHUNK_BYTES, CHUNK_MS, chunks, recording

PACING_SLIP = "pacing slip"
"""How long after its time gRPC took a chunk; noted for each chunk, so that it also counts the audio sent."""

CHUNK_SECONDS = CHUNK_MS / 1000

_RAMP_SECONDS = 1 + CHUNK_SECONDS  # 100 sessions start 11 ms apart: no two of them send at the same moment


@dataclass(frozen=True, slots=True)
class Load:
    """Sessions to play; a process plays every `step`-th from `first` on."""

    address: str
    session_count: int
    start: float  # time.monotonic()
    seconds: float
    speech: bool = False
    first: int = 0
    step: int = 1

    @property
    def end(self) -> float:
        """When the last session stops speaking."""
        return self.start + _RAMP_SECONDS + self.seconds


Note = Callable[[str, float, float], None]
"""Keeps a `Measurement`."""
Play = Callable[[Load, "Speaker", Note], Awaitable[None]]
"""Plays one session."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One session's audio and when it is spoken."""

    start: float
    audio: Iterator[bytes]

    async def chunks(self, note: Note) -> AsyncIterator[bytes]:
        """Each chunk once its last sample has been spoken; the next is asked for when it has been sent."""
        due = self.start
        for chunk in self.audio:
            due += CHUNK_SECONDS
            await asyncio.sleep(due - time.monotonic())
            yield chunk
            now = time.monotonic()
            note(PACING_SLIP, now, now - due)


class LoadProcesses:
    """Processes that play sessions, for one load after another."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        """Share each load among `count` processes of the pool."""
        self._pool = pool
        self._count = count

    def play(self, play: Play, load: Load) -> list[Future[list[Measurement]]]:
        """Start playing a load; the futures give what was measured."""
        parts = (replace(load, first=first, step=self._count) for first in range(self._count))
        return [self._pool.submit(_play_part, play, part) for part in parts]


@contextmanager
def load_processes(count: int) -> Iterator[LoadProcesses]:
    """Processes that have loaded everything and wait for work."""
    # Not forked: gRPC does not survive it.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=recording) as pool:
        for ready in [pool.submit(time.monotonic) for _ in range(count)]:
            ready.result()
        yield LoadProcesses(pool, count)


def _play_part(play: Play, load: Load) -> list[Measurement]:
    measurements: list[Measurement] = []

    def note(name: str, at: float, seconds: float) -> None:
        measurements.append(Measurement(name, at, seconds))

    async def play_all() -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(load.first, load.session_count, load.step):
                tasks.create_task(_play_session(play, load, number, note))

    asyncio.run(play_all())
    return measurements


async def _play_session(play: Play, load: Load, number: int, note: Note) -> None:
    """Play one session, which starts at a moment and at a place in the recording of its own."""
    share = number / load.session_count
    start = load.start + share * _RAMP_SECONDS
    await asyncio.sleep(start - time.monotonic())
    first = round(share * len(recording()) / CHUNK_BYTES)
    audio = islice(chunks(recording(), first), round(load.seconds / CHUNK_SECONDS))
    await play(load, Speaker(start, audio), note)
