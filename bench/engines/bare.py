"""The engine by itself, in a process of its own, as a model of Triton's has one."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from bench.engines.subject import Bare, Subject

_loaded: dict[str, Bare] = {}  # in the child process: what it was asked to load


class BareEngine:
    """A process that holds one engine."""

    def __init__(self, subject: Subject, folder: Path, pool: ProcessPoolExecutor) -> None:
        """Load it."""
        self._pool = pool
        pool.submit(_load, subject, folder).result()

    def items_per_second(self, batch_size: int, seconds: float) -> float:
        """Its throughput in batches of one size, over at least so many seconds."""
        return self._pool.submit(_measure, batch_size, seconds).result()


@contextmanager
def bare_engine(subject: Subject, folder: Path) -> Iterator[BareEngine]:
    """An engine in a process of its own while the block runs."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield BareEngine(subject, folder, pool)


def cores() -> int:
    """How many threads an engine may use."""
    return len(os.sched_getaffinity(0))


def _load(subject: Subject, folder: Path) -> None:
    _loaded["engine"] = subject.bare(folder)
    _loaded["engine"].run(1)


def _measure(batch_size: int, seconds: float) -> float:
    engine = _loaded["engine"]
    engine.run(batch_size)  # whatever is prepared for a shape is prepared now
    started = time.perf_counter()
    runs = 0
    while (elapsed := time.perf_counter() - started) < seconds:
        engine.run(batch_size)
        runs += 1
    return runs * batch_size / elapsed
