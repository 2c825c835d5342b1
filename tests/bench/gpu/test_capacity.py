from collections.abc import Sequence

import pytest

from bench.gpu.batching import Rules
from bench.gpu.capacity import Trial, capacity_of, find_capacity, serve
from bench.gpu.speaking import Look, looks_of
from tests.bench.gpu.looks import look

RULES = Rules(max_batch_size=4, delay_seconds=0.02)


class Engine:
    """One that takes its time by its own clock."""

    def __init__(self, seconds: float, each: float = 0.0) -> None:
        self.now = 100.0
        self.batches: list[list[float]] = []
        self._seconds, self._each = seconds, each

    def hear(self, looks: Sequence[Look]) -> None:
        self.batches.append([found.due_seconds for found in looks])
        self.now += self._seconds + self._each * len(looks)

    def clock(self) -> float:
        return self.now


def trial(sessions: int, *, carried: bool) -> Trial:
    return Trial(sessions, 10, 1.0 if carried else 0.5, None, None, 1.0)


def test_whatever_waits_is_heard_together() -> None:
    """What becomes due meanwhile waits for the next batch; an answer's time counts from when it was due."""
    engine = Engine(0.3)
    found = serve(2, [look(0.0), look(0.01), look(0.1), look(2.0)], RULES, engine.hear, engine.clock)
    assert engine.batches == [[0.0, 0.01], [0.1], [2.0]]
    assert found.mean_batch == pytest.approx(4 / 3)
    assert found.on_time_share == 1
    assert found.median_ms == pytest.approx(320)  # of 320, 310, 520 and 320
    assert found.is_carried


def test_a_full_batch_does_not_wait() -> None:
    """It leaves when its last has come."""
    engine = Engine(0.1)
    found = serve(4, [look(0.0)] * 4, RULES, engine.hear, engine.clock)
    assert found.p95_ms == pytest.approx(100)


def test_too_many_sessions_are_given_up() -> None:
    """Before their backlog grows; they have no times, for those that were never answered would be missing."""
    engine = Engine(0.0, each=0.5)
    looks = looks_of(64, 10)
    found = serve(64, looks, RULES, engine.hear, engine.clock)
    assert not found.is_carried
    assert found.median_ms is None
    assert found.p95_ms is None
    assert sum(map(len, engine.batches)) < len(looks) / 2


def test_capacity_is_what_one_engine_carries() -> None:
    """Of an engine that hears ten windows a second, sessions that look once a second: about ten."""

    def attempt(sessions: int) -> Trial:
        engine = Engine(0.0, each=0.1)
        return serve(sessions, looks_of(sessions, 60), RULES, engine.hear, engine.clock)

    assert 8 <= capacity_of(find_capacity(attempt, 100)) <= 13


@pytest.mark.parametrize("capacity", [0, 1, 2, 3, 7, 8, 13, 39, 40])
def test_the_gap_is_closed(capacity: int) -> None:
    """Up to a twentieth; each number is tried once, and none above the most."""
    tried: list[int] = []

    def attempt(sessions: int) -> Trial:
        tried.append(sessions)
        return trial(sessions, carried=sessions <= capacity)

    found = find_capacity(attempt, 40)
    assert capacity * 0.95 <= capacity_of(found) <= capacity
    assert [each.sessions for each in found] == sorted(set(tried))
    assert len(tried) == len(set(tried))
    assert max(tried) <= 40
