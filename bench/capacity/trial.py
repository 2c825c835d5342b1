"""What a number of sessions came to, and whether they were carried."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from bench.capacity.told import Latency, Told
from bench.capacity.visit import Record
from bench.load import CHUNK_SECONDS
from bench.measurement import Window

COMMIT_LAG: Final = "commit lag"
ADDED: Final = "added: "
ADDED_PARTIAL: Final = f"{ADDED}partial transcript"
ADDED_FINAL: Final = f"{ADDED}final transcript"
ADDED_TRANSLATION: Final = f"{ADDED}final translation"

_FALLING_BEHIND_SECONDS: Final = 0.4  # within a window: more than the median of a few hundred words moves by chance


@dataclass(frozen=True, slots=True)
class Spread:
    """How latencies of one kind are distributed, in milliseconds; None where some never came."""

    count: int
    p50_ms: float | None
    p90_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a system that carries its sessions keeps within, in seconds; what is added counts for null engines only."""

    commit_lag_p95: float = 3.0
    added_p95: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One number of sessions.

    Attributes:
        sessions: How many.
        latencies: By kind.
        drift_seconds: By how much words came later at the end of the window than at its beginning, in the median.
        rtfx: Audio of all sessions over the time from the first one's start to the last one's end: paced, less than
            their number, for they start one after the other.
        cpu_ms_per_audio_second: Of each process, and of the load that is played here.
        failures: Why sessions ended before their time, and how many.
        degradation: The most that the server left out: 0 nothing, to 3 no partial text.
        slip_p99_ms: How late gRPC had taken a chunk: the load's own lateness, or the server's holding it up.
        broken: Which bounds do not hold; none where the sessions are carried.
    """

    sessions: int
    latencies: Mapping[str, Spread]
    drift_seconds: float
    rtfx: float
    cpu_ms_per_audio_second: Mapping[str, float]
    failures: Mapping[str, int]
    degradation: int
    slip_p99_ms: float
    broken: Sequence[str]

    @property
    def is_carried(self) -> bool:
        """Whether no bound is broken."""
        return not self.broken


def trial_of(
    records: Sequence[Record], window: Window, bounds: Bounds, cpu_seconds: Mapping[str, float], *, is_null: bool
) -> Trial:
    """The figures of a window.

    Args:
        records: All sessions'.
        window: What was spoken in it counts.
        bounds: Which are to be kept.
        cpu_seconds: What each process has used in the window.
        is_null: Whether the engines cost nothing, so that it is known when everything was due.
    """
    told = [Told(record) for record in records]
    latencies = {kind: within(found, window) for kind, found in kinds(told, is_null=is_null).items()}
    audio_seconds = len(records) * window.seconds
    slips = [slip for record in records for slip in record.slips]
    failures = failures_of(told)
    drift = drift_seconds(latencies[COMMIT_LAG], window)
    degradation = max((one.degradation for one in told), default=0)
    spreads = {kind: spread(latency.seconds for latency in found) for kind, found in latencies.items()}
    return Trial(
        sessions=len(records),
        latencies=spreads,
        drift_seconds=round(drift, 3),
        rtfx=round(_dealt_with_seconds(told) / _wall_seconds(told), 2),
        cpu_ms_per_audio_second={part: round(used * 1000 / audio_seconds, 3) for part, used in cpu_seconds.items()},
        failures=failures,
        degradation=degradation,
        slip_p99_ms=spread(slips).p99_ms or 0.0,
        broken=[
            *broken_latencies(spreads, drift, bounds),
            *(f"{count} sessions: {reason}" for reason, count in failures.items()),
            *([f"degradation {degradation}"] if degradation else []),
            *(["chunks were taken late"] if slips and (spread(slips).p99_ms or 0.0) > CHUNK_SECONDS * 1000 else []),
        ],
    )


def kinds(told: Sequence[Told], *, is_null: bool) -> dict[str, list[Latency]]:
    """All latencies by kind."""
    found = {
        COMMIT_LAG: chain.from_iterable(one.commits() for one in told),
        "partial transcript": chain.from_iterable(one.texts(is_final=False) for one in told),
        "final transcript": chain.from_iterable(one.texts(is_final=True) for one in told),
        "final translation": chain.from_iterable(one.final_translations() for one in told),
    }
    if is_null:
        found |= {
            ADDED_PARTIAL: chain.from_iterable(one.added(is_final=False) for one in told),
            ADDED_FINAL: chain.from_iterable(one.added(is_final=True) for one in told),
            ADDED_TRANSLATION: chain.from_iterable(one.added_to_translations() for one in told),
        }
    return {kind: list(latencies) for kind, latencies in found.items()}


def within(latencies: Iterable[Latency], window: Window) -> list[Latency]:
    """Those of what was spoken in a window."""
    return [latency for latency in latencies if window.start <= latency.spoken_at < window.end]


def spread(seconds: Iterable[float]) -> Spread:
    """The distribution, by nearest rank."""
    ordered = sorted(seconds)
    return Spread(len(ordered), *(_rank_ms(ordered, percent) for percent in (50, 90, 95, 99)))


def drift_seconds(latencies: Sequence[Latency], window: Window) -> float:
    """How much later things come in the last third of the window than in the first, in the median."""
    third = window.seconds / 3
    first = [latency.seconds for latency in latencies if latency.spoken_at < window.start + third]
    last = [latency.seconds for latency in latencies if latency.spoken_at >= window.end - third]
    return statistics.median(last) - statistics.median(first) if first and last else 0.0


def broken_latencies(spreads: Mapping[str, Spread], drift: float, bounds: Bounds) -> list[str]:
    """Which bounds of latency do not hold."""
    bounded = {
        kind: bounds.added_p95 if kind.startswith(ADDED) else bounds.commit_lag_p95
        for kind in spreads
        if kind == COMMIT_LAG or kind.startswith(ADDED)
    }
    broken = {kind: _broken(spreads[kind], bound) for kind, bound in bounded.items()}
    falls_behind = [f"falls behind: {drift:.1f} s within the window"] if drift > _FALLING_BEHIND_SECONDS else []
    return [*(f"{kind}: {what}" for kind, what in broken.items() if what), *falls_behind]


def _broken(found: Spread, bound_seconds: float) -> str:
    if not found.count:
        return "nothing came"
    if found.p95_ms is None:
        return "not all came"
    return f"p95 {found.p95_ms:.0f} ms" if found.p95_ms > bound_seconds * 1000 else ""


def _rank_ms(ordered: Sequence[float], percent: int) -> float | None:
    if not ordered or ordered[-1] == float("inf"):
        return None
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)] * 1000, 1)


def failures_of(told: Iterable[Told]) -> dict[str, int]:
    """Why sessions ended before their time, and how many."""
    counts: dict[str, int] = {}
    for one in told:
        reason = one.record.failure or ("" if one.is_whole else "NO_SUMMARY")
        if reason:
            counts[reason] = counts.get(reason, 0) + 1
    return counts


def _dealt_with_seconds(told: Iterable[Told]) -> float:
    return sum(one.record.visit.end - one.record.visit.start for one in told if one.is_whole)


def _wall_seconds(told: Sequence[Told]) -> float:
    return max(one.record.ended_at for one in told) - min(one.record.visit.start for one in told)
