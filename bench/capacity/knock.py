"""Whether those who are inside notice those who knock: as many as are carried run, and twice as many more come."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from bench.capacity.crowd import TAIL_SECONDS, Crowd, Round, jitter_seconds, new_round
from bench.capacity.script import PLACES
from bench.capacity.told import Told
from bench.capacity.trial import Spread, failures_of, spread, within
from bench.capacity.visit import Record, Visit
from bench.measurement import Window

KNOCKERS_EACH: Final = 2  # for each session that runs
MAX_WORSENING: Final = 0.2  # of the 95 % commit lag of those inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What came of it.

    Attributes:
        sessions: Those that ran before.
        knockers: Those that came, evenly over the second window.
        before: Commit lag of the former in a window before anybody knocked.
        during: The same while they knocked.
        let_in: How many of those who knocked were.
        refused: How many were told that there is no room.
        retry_seconds: The shortest and the longest time after which those were told to try again.
        failed: What else became of them, and how many.
        answer: How long it took until they knew.
        let_in_commit_lag: Commit lag of those who were let in.
        lost: Why sessions that ran before ended before their time, and how many.
        degradation: The most that those inside were told is left out.
    """

    sessions: int
    knockers: int
    before: Spread
    during: Spread
    let_in: int
    refused: int
    retry_seconds: tuple[float, float]
    failed: Mapping[str, int]
    answer: Spread
    let_in_commit_lag: Spread
    lost: Mapping[str, int]
    degradation: int

    @property
    def worsening(self) -> float | None:
        """By how much the 95 % commit lag of those inside grew, as a share; None where one is not known."""
        if self.before.p95_ms is None or self.during.p95_ms is None:
            return None
        return self.during.p95_ms / self.before.p95_ms - 1

    @property
    def is_fine(self) -> bool:
        """Whether those inside lost nothing and noticed little."""
        return not self.lost and self.worsening is not None and self.worsening <= MAX_WORSENING


def knock(crowd: Crowd, address: str, sessions: int, window_seconds: float) -> Knock:
    """Have a number of sessions run, and twice as many knock."""
    running = new_round(sessions, window_seconds)
    during = Window(running.window.end, running.window.end + window_seconds)
    inside, outside = _inside(running, during), _outside(sessions * KNOCKERS_EACH, during)
    records, _ = crowd.play(address, [*inside, *outside], running.window).results()
    return knock_of(
        [record for record in records if not record.visit.is_knocking],
        [record for record in records if record.visit.is_knocking],
        running.window,
        during,
    )


def knock_of(inside: Sequence[Record], outside: Sequence[Record], before: Window, during: Window) -> Knock:
    """What came of it, from the records of those who ran and of those who knocked."""
    ran, came = [Told(record) for record in inside], [Told(record) for record in outside]
    let_in = [one for one in came if one.record.answers]
    refused = [one.record for one in came if one.record.is_refused]
    delays = [record.retry_seconds for record in refused]
    failed = Counter(one.record.failure for one in came if one.record.failure and not one.record.is_refused)
    return Knock(
        sessions=len(ran),
        knockers=len(came),
        before=_commit_lag(ran, before),
        during=_commit_lag(ran, during),
        let_in=len(let_in),
        refused=len(refused),
        retry_seconds=(min(delays, default=0.0), max(delays, default=0.0)),
        failed=dict(failed),  # a Counter cannot be copied by `dataclasses.asdict`
        answer=spread(one.opening_seconds for one in came),
        let_in_commit_lag=_commit_lag(let_in, during),
        lost=failures_of(ran),
        degradation=max((one.degradation for one in ran), default=0),
    )


def _inside(running: Round, during: Window) -> list[Visit]:
    return [replace(visit, end=during.end + TAIL_SECONDS) for visit in running.visits()]


def _outside(count: int, during: Window) -> list[Visit]:
    return [
        Visit(
            number % PLACES,
            during.start + number * during.seconds / count + jitter_seconds(number),
            during.end + TAIL_SECONDS,
            is_knocking=True,
        )
        for number in range(count)
    ]


def _commit_lag(told: Sequence[Told], window: Window) -> Spread:
    return spread(lag.seconds for lag in within(chain.from_iterable(one.commits() for one in told), window))
