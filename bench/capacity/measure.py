"""One mode from beginning to end: the search, the bare engine in turn with it, and the knock test."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from bench.capacity.bare import BareEngine, BareTrial, bare_engine
from bench.capacity.crowd import SETTLE_SECONDS, Crowd, gathered_crowd, new_round, ramp_seconds
from bench.capacity.knock import KNOCKERS_EACH, Knock, knock
from bench.capacity.mode import Mode, system_of
from bench.capacity.script import rehearse
from bench.capacity.search import Search
from bench.capacity.told import Told
from bench.capacity.trial import Trial, trial_of
from bench.capacity.visit import Visit, play
from bench.engines.bare import cores
from bench.load import CHUNK_SECONDS
from bench.system import BESIDE, SERVICES, cpu_seconds
from livetranslate.stack import Stack

LOAD: Final = "load"
MOST: Final = 2_000  # sessions to try: more than one machine's gateway can have

_END_SECONDS: Final = 8.0  # of a trial: letting in those who were refused for haste, and the end of all; a guess
_CALM_SECONDS: Final = 60.0  # more than a gateway takes to go back all the steps that it has taken
_CALM_INTERVAL_SECONDS: Final = 1.0
_REHEARSED_SECONDS: Final = 60.0

Say = Callable[[str], None]
"""Tells how it goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much to measure.

    Attributes:
        window_seconds: How long each number of sessions is measured.
        minutes: How long the mode may take; 0: as long as it usually does.
        sessions: The number to measure instead of looking for the largest; 0: look for it.
        first: The number to begin with; 0: the mode's own.
        most: The largest number to try.
        load_process_count: Processes that play sessions; 0: one for every two cores. Fewer cost less in all, for each
            wakes up less often; `slip_p99_ms` tells when one has too much to do.
        max_sessions: What the gateway takes at most.
        knocks: Whether to have others knock.
    """

    window_seconds: float = 12.0
    minutes: float = 0.0
    sessions: int = 0
    first: int = 0
    most: int = MOST
    load_process_count: int = 0
    max_sessions: int = 100_000
    knocks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a mode came to.

    Attributes:
        mode: Its name.
        aim: What is aimed at.
        sessions: The largest number that was carried.
        refused: The smallest that was not; None where none was tried that is not.
        trials: All numbers that were tried, in the order of the numbers.
        bare_sessions: The largest number that the engine alone carried; None where that is not measured.
        bare_trials: Likewise.
        knock: The knock test at that number; None where it was not made.
    """

    mode: str
    aim: str
    sessions: int
    refused: int | None
    trials: Sequence[Trial]
    bare_sessions: int | None = None
    bare_trials: Sequence[BareTrial] = ()
    knock: Knock | None = None

    @property
    def ratio(self) -> float | None:
        """What is left of the bare engine's sessions."""
        return self.sessions / self.bare_sessions if self.bare_sessions else None


@dataclass(slots=True)
class _Measuring:
    """A mode while it is being measured."""

    mode: Mode
    plan: Plan
    stack: Stack
    crowd: Crowd
    bare: BareEngine | None
    say: Say
    trials: dict[int, Trial] = field(default_factory=dict)
    bare_trials: dict[int, BareTrial] = field(default_factory=dict)

    def search(self, deadline: float) -> tuple[Search, Search | None]:
        """Both searches in turn, so that a busy machine slows both; no trial begins that would not end in time."""
        first = self.plan.sessions or self.plan.first or self.mode.first
        most = self.plan.sessions or self.plan.most
        served, alone = Search(first, most), Search(first, most) if self.bare else None
        while True:
            is_open = self._step(served, self._served, deadline)
            if alone is not None:
                is_open = self._step(alone, self._alone, deadline) or is_open
            if not is_open or self.plan.sessions:
                return served, alone

    def _step(self, search: Search, is_carried: Callable[[int], bool], deadline: float) -> bool:
        count = search.count()
        if count is None or time.monotonic() + self._seconds(count) > deadline:
            return False
        search.receive(count, is_carried=is_carried(count))
        return True

    def _seconds(self, count: int) -> float:
        return ramp_seconds(count) + SETTLE_SECONDS + self.plan.window_seconds + _END_SECONDS

    def _served(self, count: int) -> bool:
        trial = served_trial(self.mode, self.stack, self.crowd, count, self.plan.window_seconds)
        self.trials[count] = trial
        self.say(f"{self.mode.name}: {count} sessions {_verdict(trial)}")
        if not trial.is_carried and not become_calm(self.stack.gateway_address):
            self.say(f"{self.mode.name}: the gateway is still busy after {_CALM_SECONDS:g} s")
        return trial.is_carried

    def _alone(self, count: int) -> bool:
        assert self.bare is not None
        trial = self.bare.trial(count, self.plan.window_seconds, self.mode.bounds)
        self.bare_trials[count] = trial
        self.say(f"{self.mode.name}, the engine alone: {count} sessions {_verdict(trial)}")
        return trial.is_carried


def measure(mode: Mode, plan: Plan, say: Say) -> Outcome:
    """Measure a mode. Call it on the main thread (see `Process.start`)."""
    deadline = time.monotonic() + (plan.minutes or mode.minutes) * 60
    with ExitStack() as stack:
        crowd = stack.enter_context(gathered_crowd(plan.load_process_count or max(1, cores() // 2)))
        rehearse(round(_REHEARSED_SECONDS / CHUNK_SECONDS))
        bare = stack.enter_context(bare_engine()) if mode.has_bare else None
        with system_of(mode, plan.max_sessions) as system:
            measuring = _Measuring(mode, plan, system, crowd, bare, say)
            served, alone = measuring.search(deadline - plan.knocks * _knock_seconds(mode, plan))
        sessions = plan.sessions or served.carried
        knocked = _knocked(mode, plan, crowd, sessions, say) if plan.knocks and sessions else None
    return Outcome(
        mode=mode.name,
        aim=mode.aim,
        sessions=served.carried,
        refused=served.refused,
        trials=[trial for _, trial in sorted(measuring.trials.items())],
        bare_sessions=alone.carried if alone else None,
        bare_trials=[trial for _, trial in sorted(measuring.bare_trials.items())],
        knock=knocked,
    )


def _knocked(mode: Mode, plan: Plan, crowd: Crowd, sessions: int, say: Say) -> Knock:
    """Knock at a gateway whose limit is the number that was found, as an operator would set it."""
    say(f"{mode.name}: {KNOCKERS_EACH * sessions} knock while {sessions} run, as many as may")
    with system_of(mode, sessions) as system:
        return knock(crowd, system.gateway_address, sessions, plan.window_seconds)


def served_trial(mode: Mode, stack: Stack, crowd: Crowd, count: int, window_seconds: float) -> Trial:
    """Play a number of sessions, and measure the processes in the window."""
    plan = new_round(count, window_seconds)
    playing = crowd.play(stack.gateway_address, plan.visits(), plan.window)
    pids = {name: stack.parts[name].pid for name in (*SERVICES, *BESIDE)}
    time.sleep(plan.window.start - time.monotonic())
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    time.sleep(plan.window.end - time.monotonic())
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    records, load_seconds = playing.results()
    used[LOAD] = load_seconds
    return trial_of(records, plan.window, mode.bounds, used, is_null=mode.is_null)


def become_calm(address: str, limit_seconds: float = _CALM_SECONDS) -> bool:
    """Wait until a gateway that was too busy lets a session in and leaves nothing out; whether it came to that."""
    deadline = time.monotonic() + limit_seconds
    while not _is_calm(address):
        if time.monotonic() > deadline:
            return False
        time.sleep(_CALM_INTERVAL_SECONDS)
    return True


def _is_calm(address: str) -> bool:
    now = time.monotonic()
    told = Told(asyncio.run(play(address, Visit(0, now, now + 3 * CHUNK_SECONDS))))
    return told.is_whole and not told.degradation


def _verdict(trial: Trial | BareTrial) -> str:
    return "are carried" if trial.is_carried else f"are not carried: {'; '.join(trial.broken)}"


def _knock_seconds(mode: Mode, plan: Plan) -> float:
    likely = 2 * (plan.sessions or plan.first or mode.first)
    return ramp_seconds(likely) + SETTLE_SECONDS + 2 * plan.window_seconds + 2 * _END_SECONDS
