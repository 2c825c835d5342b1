import mmap
import os
from pathlib import Path

import pytest

from bench.growth import Sample, growth_of, sample


def test_the_slope_is_that_of_the_warm_process() -> None:
    """A leak of 2 MiB in each hour of audio shows; what was taken while warming up does not."""
    samples = [Sample(minute * 60.0, 50 + (minute < 10) * 30 + minute / 30, 20, 9) for minute in range(61)]
    growth = growth_of(samples, 600)
    assert growth.mib_per_hour == 2.0
    assert growth.own_mib[1] - growth.own_mib[0] == pytest.approx(2 * 34 / 60, abs=0.05)


def test_files_and_threads_that_stay_open_show() -> None:
    """The medians of the first and the last third tell a leak from a spike."""
    samples = [Sample(float(index), 50, 20 + index // 10, 9 + (index == 45) * 50) for index in range(90)]
    growth = growth_of(samples, 0)
    assert growth.file_count == (21, 27)
    assert growth.thread_count == (9, 9)


def test_what_a_process_holds_is_seen(tmp_path: Path) -> None:
    """Memory written to, and files opened, since the last look."""
    before = sample(os.getpid(), 0)
    # New pages: an object may lie in memory that others have left.
    held = mmap.mmap(-1, 32 * 2**20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    held.write(os.urandom(len(held)))
    with (tmp_path / "file").open("wb"):
        after = sample(os.getpid(), 1)
    held.close()
    assert after.own_mib - before.own_mib == pytest.approx(32, abs=8)
    assert after.file_count == before.file_count + 1
