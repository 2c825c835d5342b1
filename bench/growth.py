"""Whether a process grows while it works: its memory, its open files and its threads over the audio dealt with."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process and all that it has started hold at one moment.

    Attributes:
        audio_seconds: How much audio each session has had so far.
        own_mib: Resident memory that is not shared with others: PostgreSQL's buffers fill up by design.
    """

    audio_seconds: float
    own_mib: float
    file_count: int
    thread_count: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What became of a process after its warm-up; of each pair of figures the first is the median at its beginning."""

    own_mib: tuple[float, float]
    mib_per_hour: float
    file_count: tuple[int, int]
    thread_count: tuple[int, int]


def sample(pid: int, audio_seconds: float) -> Sample:
    """Look at a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    own_bytes = sum(info.rss - info.shared for info in (member.memory_info() for member in family))
    file_count = sum(member.num_fds() for member in family)
    return Sample(audio_seconds, own_bytes / 2**20, file_count, sum(member.num_threads() for member in family))


def growth_of(samples: Sequence[Sample], warm_up_seconds: float) -> Growth:
    """The growth after the first `warm_up_seconds` of audio, memory by a line of least squares."""
    warm = [one for one in samples if one.audio_seconds >= warm_up_seconds]
    hours = [one.audio_seconds / 3600 for one in warm]
    slope = statistics.linear_regression(hours, [one.own_mib for one in warm]).slope
    third = max(1, len(warm) // 3)
    first, last = warm[:third], warm[-third:]
    return Growth(
        own_mib=(_median(first, "own_mib"), _median(last, "own_mib")),
        mib_per_hour=round(slope, 2),
        file_count=(round(_median(first, "file_count")), round(_median(last, "file_count"))),
        thread_count=(round(_median(first, "thread_count")), round(_median(last, "thread_count"))),
    )


def _median(samples: Sequence[Sample], name: str) -> float:
    return round(float(statistics.median(getattr(one, name) for one in samples)), 2)


def growths(samples: Mapping[str, Sequence[Sample]], warm_up_seconds: float) -> dict[str, Growth]:
    """The growth of each process, by name."""
    return {name: growth_of(taken, warm_up_seconds) for name, taken in samples.items()}
