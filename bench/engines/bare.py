"""The engine by itself, in a process of its own, as a model of Triton's has one."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol


class Bare(Protocol):
    """An engine used directly, with all cores, in a process of its own."""

    def run(self, count: int) -> None:
        """Answer a batch of so many items."""


Load = Callable[[Path], Bare]
"""Loads the weights in a folder."""

_loaded: dict[str, Bare] = {}  # in the child process: what it was asked to load


class BareEngine:
    """A process that holds one engine."""

    def __init__(self, load: Load, folder: Path, pool: ProcessPoolExecutor) -> None:
        """Load it."""
        self._pool = pool
        pool.submit(_load, load, folder).result()

    def items_per_second(self, batch_size: int, seconds: float) -> float:
        """Its throughput in batches of one size, over at least so many seconds."""
        return self._pool.submit(_measure, batch_size, seconds).result()


@contextmanager
def bare_engine(load: Load, folder: Path) -> Iterator[BareEngine]:
    """An engine with the weights in a folder, in a process of its own while the block runs."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield BareEngine(load, folder, pool)


def cores() -> int:
    """How many threads an engine may use."""
    return len(os.sched_getaffinity(0))


def _load(load: Load, folder: Path) -> None:
    _loaded["engine"] = load(folder)
    _loaded["engine"].run(1)


def _measure(batch_size: int, seconds: float) -> float:
    engine = _loaded["engine"]
    started = time.perf_counter()
    runs = 0
    while (elapsed := time.perf_counter() - started) < seconds:
        engine.run(batch_size)
        runs += 1
    return runs * batch_size / elapsed
