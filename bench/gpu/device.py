"""The GPU, as its driver tells of it."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from livetranslate.hardware import nvidia_gpus

_POLL_SECONDS = 0.2
_SMI_TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """What to know of it beside the figures."""

    name: str
    driver: str
    memory_mib: int
    free_mib_before: int


@dataclass(slots=True)
class Peak:
    """The most memory that was seen in use, in MiB; None where nobody can tell."""

    used_mib: int | None = None


def gpu_facts(gpu: int) -> GpuFacts:
    """One of those that nvidia-smi names."""
    found = nvidia_gpus()[gpu]
    return GpuFacts(found.name, _driver(), found.memory_mib, found.free_mib)


def used_mib(gpu: int) -> int | None:
    """What all processes together hold now."""
    gpus = nvidia_gpus()
    return gpus[gpu].memory_mib - gpus[gpu].free_mib if gpu < len(gpus) else None


@contextmanager
def watch_memory(used: Callable[[], int | None]) -> Iterator[Peak]:
    """Look at the memory again and again while the block runs."""
    peak, is_over = Peak(used()), threading.Event()

    def watch() -> None:
        while peak.used_mib is not None and not is_over.wait(_POLL_SECONDS):
            peak.used_mib = max(peak.used_mib, used() or 0)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        is_over.set()
        watcher.join()
    if peak.used_mib is not None:
        peak.used_mib = max(peak.used_mib, used() or 0)


def _driver() -> str:
    argv = [shutil.which("nvidia-smi") or "nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    run = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=_SMI_TIMEOUT_SECONDS)
    return run.stdout.split()[0]
