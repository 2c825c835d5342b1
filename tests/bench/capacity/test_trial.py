import pytest

from bench.capacity.told import Latency
from bench.capacity.trial import (
    ADDED_PARTIAL,
    COMMIT_LAG,
    Bounds,
    Spread,
    broken_latencies,
    drift_seconds,
    spread,
    trial_of,
    within,
)
from bench.measurement import Window
from livetranslate.v1 import types_pb2
from tests.bench.capacity.records import degraded, record, summary, transcript

WINDOW = Window(100.0, 109.0)
SEGMENT = "000000000000"


def lags(*seconds: float) -> list[Latency]:
    """One a second."""
    return [Latency(100.0 + number, lag) for number, lag in enumerate(seconds)]


def test_percentiles_are_nearest_ranks() -> None:
    """In milliseconds; where some never came nothing can be said."""
    assert spread(number / 1000 for number in range(100, 0, -1)) == Spread(100, 50.0, 90.0, 95.0, 99.0)
    assert spread([1.0, float("inf")]) == Spread(2, None, None, None, None)
    assert spread([]) == Spread(0, None, None, None, None)


def test_only_what_was_spoken_in_the_window_counts() -> None:
    """However late it was told."""
    assert within(lags(1, 50), Window(101, 102)) == [Latency(101.0, 50)]


def test_who_falls_behind_is_seen_before_the_bound_is_reached() -> None:
    """Lag that grows by a tenth of a second each second would break any bound in the end."""
    growing = lags(*(0.5 + number / 10 for number in range(9)))
    assert drift_seconds(growing, WINDOW) == pytest.approx(0.6)
    broken = broken_latencies({COMMIT_LAG: spread(lag.seconds for lag in growing)}, 0.6, Bounds())
    assert broken == ["falls behind: 0.6 s within the window"]
    assert drift_seconds(lags(*[1.0] * 9), WINDOW) == 0


def test_bounds_of_what_is_committed_and_of_what_is_added() -> None:
    """Each kind has its own, and what never came breaks it."""
    bounds = Bounds(commit_lag_p95=3.0, added_p95=0.1)
    good = {COMMIT_LAG: spread([2.9]), ADDED_PARTIAL: spread([0.1]), "final transcript": spread([9.0])}
    assert broken_latencies(good, 0, bounds) == []
    bad = {COMMIT_LAG: spread([3.1]), ADDED_PARTIAL: spread([0.05, float("inf")])}
    assert broken_latencies(bad, 0, bounds) == [f"{COMMIT_LAG}: p95 3100 ms", f"{ADDED_PARTIAL}: not all came"]
    assert broken_latencies({COMMIT_LAG: spread([])}, 0, bounds) == [f"{COMMIT_LAG}: nothing came"]


def test_a_trial_is_carried_if_every_session_ends_well_and_whole() -> None:
    """A session that is refused, one without a summary, and one that was told less than all break it."""
    good = record((1.0, transcript(SEGMENT, 1, 8_000, "good", is_final=True)), (10.0, summary()))
    trial = trial_of([good, good], WINDOW, Bounds(), {"asr": 0.18}, is_null=False)
    assert trial.is_carried
    assert trial.latencies[COMMIT_LAG] == Spread(2, 500.0, 500.0, 500.0, 500.0)
    assert trial.cpu_ms_per_audio_second == {"asr": 10.0}  # of two sessions, nine seconds each
    assert trial.rtfx == 2.0
    refused = record(failure="OVERLOADED")
    degrading = record((1.0, degraded(types_pb2.DEGRADATION_WIDER_STEPS)), (9.0, summary()))
    cut = record((1.0, transcript(SEGMENT, 1, 8_000)))
    trial = trial_of([good, refused, degrading, cut], WINDOW, Bounds(), {}, is_null=False)
    assert trial.broken == ["1 sessions: OVERLOADED", "1 sessions: NO_SUMMARY", "degradation 1"]


def test_a_load_that_is_late_carries_nothing() -> None:
    """Where chunks are taken later than the next one is spoken, more were measured than were there."""
    late = record((1.0, transcript(SEGMENT, 1, 8_000, "good", is_final=True)), (10.0, summary()))
    late.slips = [0.2] * 10
    assert trial_of([late], WINDOW, Bounds(), {}, is_null=False).broken == ["chunks were taken late"]
