"""How many sessions are answered in real time.

Sessions ask whether or not they have been answered (an open loop). A number of sessions is carried if 95 % of the looks
are answered before their session's next look is due. The largest such number is found by doubling, then by halving the
gap.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bench.gpu.batching import Queue, Rules
from bench.gpu.speaking import Look

ON_TIME_SHARE: Final = 0.95
_PRECISION: Final = 20  # the gap that is left is at most a twentieth

Hear = Callable[[Sequence[Look]], Any]
"""Hears a batch, and returns once it is answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A look, and how long after it was due it was answered; infinite if it was not."""

    look: Look
    seconds: float

    @property
    def is_on_time(self) -> bool:
        return self.look.due_seconds + self.seconds <= self.look.answer_by_seconds


@dataclass(frozen=True, slots=True)
class Trial:
    """What a number of sessions came to.

    Attributes:
        sessions: How many.
        looks: How many they asked for.
        on_time_share: How many of those were answered before the session's next one.
        median_ms: From due to answered; None where the trial was given up.
        p95_ms: Likewise, for 95 % of the looks.
        mean_batch: How many were heard together.
    """

    sessions: int
    looks: int
    on_time_share: float
    median_ms: float | None
    p95_ms: float | None
    mean_batch: float

    @property
    def is_carried(self) -> bool:
        return self.on_time_share >= ON_TIME_SHARE


def trial_of(sessions: int, looks: Sequence[Look], answers: Sequence[Answer], batches: int) -> Trial:
    """The figures; looks without an answer are late ones."""
    times = sorted(answer.seconds * 1e3 for answer in answers)
    is_whole = len(answers) == len(looks)
    return Trial(
        sessions=sessions,
        looks=len(looks),
        on_time_share=sum(answer.is_on_time for answer in answers) / len(looks),
        median_ms=float(np.percentile(times, 50)) if is_whole else None,
        p95_ms=float(np.percentile(times, 95)) if is_whole else None,
        mean_batch=len(answers) / batches if batches else 0.0,
    )


def may_still_be_carried(looks: Sequence[Look], answers: Sequence[Answer]) -> bool:
    """Whether a trial is worth going on with: a backlog that only grows is not, and would have no bound."""
    late = sum(not answer.is_on_time for answer in answers)
    return late <= (1 - ON_TIME_SHARE) * len(looks)


def serve(
    sessions: int, looks: Sequence[Look], rules: Rules, hear: Hear, clock: Callable[[], float] = time.perf_counter
) -> Trial:
    """Answer looks by one engine, batch by batch. Time spent hearing is real; where nobody waits, it is skipped."""
    coming, queue, answers = deque(looks), Queue(rules), list[Answer]()
    now, batches = 0.0, 0
    while (coming or queue) and may_still_be_carried(looks, answers):
        while coming and coming[0].due_seconds <= now:
            queue.receive([coming.popleft()])
        following = coming[0].due_seconds if coming else float("inf")
        ready = queue.ready_seconds() if queue else float("inf")
        if now < min(ready, following):
            now = min(ready, following)
            continue
        batch = queue.next_batch()
        started = clock()
        hear(batch)
        now += clock() - started
        batches += 1
        answers += [Answer(look, now - look.due_seconds) for look in batch]
    return trial_of(sessions, looks, answers, batches)


def find_capacity(attempt: Callable[[int], Trial], most: int) -> list[Trial]:
    """Trials in the order of their sessions; the last that is carried tells the capacity."""
    trials: dict[int, Trial] = {}

    def is_carried(sessions: int) -> bool:
        trials[sessions] = attempt(sessions)
        return trials[sessions].is_carried

    carried, refused = 0, most + 1
    sessions = 1
    while sessions <= most and is_carried(sessions):
        carried, sessions = sessions, sessions * 2
    refused = min(refused, sessions)
    while refused - carried > max(1, carried // _PRECISION):
        middle = (carried + refused) // 2
        if is_carried(middle):
            carried = middle
        else:
            refused = middle
    return [trials[sessions] for sessions in sorted(trials)]


def capacity_of(trials: Sequence[Trial]) -> int:
    """The largest number of sessions that was carried; 0 where not even one was."""
    return max((trial.sessions for trial in trials if trial.is_carried), default=0)
