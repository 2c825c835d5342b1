import mmap
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.system import cpu_seconds, memory_of

MEBIBYTE = 2**20


@pytest.fixture
def busy_family() -> Iterator[int]:
    """A process that waits, with a child that has used a tenth of a second of CPU and waits, too."""
    child = "import time\nwhile time.process_time() < 0.1: pass\nprint(flush=True)\ninput()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid


def test_cpu_of_children_counts(busy_family: int) -> None:
    """What a process has started belongs to its cost: Triton's models are processes of their own."""
    assert cpu_seconds(busy_family) >= 0.1 - 0.02  # the child burns 0.1 s; the kernel counts in ticks of 0.01 s


def test_memory_grows_with_what_is_held() -> None:
    """Memory that a process writes to shows in all three of its figures."""
    before = memory_of(os.getpid())
    held = bytearray(64 * MEBIBYTE)
    held[:: mmap.PAGESIZE] = b"1" * (len(held) // mmap.PAGESIZE)
    after = memory_of(os.getpid())
    for name in ("rss_mib", "pss_mib", "uss_mib"):
        assert getattr(after, name) - getattr(before, name) == pytest.approx(64, abs=8)
