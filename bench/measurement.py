"""Figures with the moment at which they were taken, so that a window of a run can be cut out, and their percentiles."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Measurement(NamedTuple):
    """One figure of one kind."""

    name: str
    at: float  # time.monotonic(), which all processes of a machine share
    seconds: float


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a run, on the same clock."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Percentiles:
    """How the figures of one kind are distributed."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def summarize(measurements: Iterable[Measurement], window: Window) -> dict[str, Percentiles]:
    """The percentiles of each kind of figure inside the window, by name."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for name, at, seconds in measurements:
        if window.start <= at < window.end:
            kinds[name].append(seconds * 1000)
    return {name: _percentiles(sorted(values)) for name, values in sorted(kinds.items())}


def _percentiles(ordered: Sequence[float]) -> Percentiles:
    p50, p95, p99 = (round(_nearest_rank(ordered, percent), 2) for percent in (50, 95, 99))
    return Percentiles(len(ordered), p50, p95, p99)


def _nearest_rank(ordered: Sequence[float], percent: int) -> float:
    """The smallest value that `percent` of 100 values do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
