"""The engine alone: PocketSphinx in real time on all cores, without Triton and without any of our services.

It hears the very steps that the services ask for, each at the moment at which its audio has been spoken, and is spared
everything else: no voice activity detection, no messages, no translation. Which utterance a process hears is planned
ahead: the one that has the fewest under way. So it is the most that this machine could carry with this engine.
"""

import heapq
import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

from asr.agreement import Agreement, AgreementOptions
from asr.hypothesis import Word
from asr.session import DecodeStep
from bench.capacity.crowd import new_round
from bench.capacity.script import script
from bench.capacity.told import Latency
from bench.capacity.trial import COMMIT_LAG, Bounds, Spread, broken_latencies, drift_seconds, spread, within
from bench.capacity.visit import Visit
from bench.engines.bare import cores
from bench.speech import CHUNK_SAMPLES

_PATIENCE_SECONDS: Final = 5.0  # more than any bound; what is not heard by then never was
_MODEL: Final = Path(__file__).parents[2] / "model_repository" / "asr_pocketsphinx" / "1"


@dataclass(frozen=True, slots=True)
class BareTrial:
    """What a number of sessions came to.

    Attributes:
        sessions: How many.
        commit_lag: Of words.
        drift_seconds: By how much words came later at the end of the window than at its beginning, in the median.
        broken: Which bounds do not hold.
    """

    sessions: int
    commit_lag: Spread
    drift_seconds: float
    broken: Sequence[str]

    @property
    def is_carried(self) -> bool:
        """Whether no bound is broken."""
        return not self.broken


@dataclass(frozen=True, slots=True)
class Utterance:
    """One session's speech from a pause to the next: its steps, and when each is due."""

    visit: Visit
    steps: Sequence[DecodeStep]
    due: Sequence[float]


class Heard(NamedTuple):
    """When a step was answered, and the words of its utterance so far, in samples since the session's first."""

    at: float
    words: tuple[Word, ...]


class BareEngine:
    """Processes that hold decoders."""

    def __init__(self, processes: Sequence[ProcessPoolExecutor]) -> None:
        """Use pools of one process each."""
        self._processes = processes

    def trial(self, sessions: int, window_seconds: float, bounds: Bounds) -> BareTrial:
        """Hear a number of sessions."""
        decoder_count = -(-sessions // len(self._processes))  # if all speak at once
        for ready in [process.submit(_load, decoder_count) for process in self._processes]:
            ready.result()
        plan = new_round(sessions, window_seconds)
        shares = shared_out(utterances(plan.visits()), len(self._processes))
        deadline = plan.window.end + _PATIENCE_SECONDS
        heard = [process.submit(_hear, share, deadline) for process, share in zip(self._processes, shares, strict=True)]
        lags = within(chain.from_iterable(future.result() for future in heard), plan.window)
        drift, commit_lag = drift_seconds(lags, plan.window), spread(lag.seconds for lag in lags)
        return BareTrial(
            sessions, commit_lag, round(drift, 3), broken_latencies({COMMIT_LAG: commit_lag}, drift, bounds)
        )


@contextmanager
def bare_engine() -> Iterator[BareEngine]:
    """The engine while the block runs: a process for each core, as the model has."""
    with ExitStack() as stack:
        context = get_context("spawn")
        yield BareEngine([stack.enter_context(ProcessPoolExecutor(1, mp_context=context)) for _ in range(cores())])


def utterances(visits: Sequence[Visit]) -> list[Utterance]:
    """All speech of some sessions, in the order in which it begins; it ends when they do."""
    found = []
    for visit in visits:
        steps: list[DecodeStep] = []
        due: list[float] = []
        for one in script(visit.place).steps(visit.chunk_count):
            steps.append(one.step)
            due.append(visit.spoken_at(one.chunk))
            if one.step.is_end:
                found.append(Utterance(visit, steps, due))
                steps, due = [], []
        if steps:
            found.append(Utterance(visit, [*steps[:-1], replace(steps[-1], is_end=True)], due))
    return sorted(found, key=lambda utterance: utterance.due[0])


def shared_out(found: Sequence[Utterance], process_count: int) -> list[list[Utterance]]:
    """The utterances that each process hears: each goes where the fewest are under way when it begins."""
    shares: list[list[Utterance]] = [[] for _ in range(process_count)]
    ends: list[list[float]] = [[] for _ in range(process_count)]  # of those under way
    for utterance in found:
        for under_way in ends:
            while under_way and under_way[0] <= utterance.due[0]:
                heapq.heappop(under_way)
        number = min(range(process_count), key=lambda process: len(ends[process]))
        heapq.heappush(ends[number], utterance.due[-1])
        shares[number].append(utterance)
    return shares


def commit_lags(utterance: Utterance, heard: Sequence[Heard]) -> Iterator[Latency]:
    """For each word of an utterance: from its end to the answer that commits it, by the rule of the recognizer."""
    agreement = Agreement(AgreementOptions())
    known = 0
    for step, (at, words) in zip(utterance.steps, heard, strict=True):
        if step.is_end:
            agreement.receive_final(words)
        else:
            agreement.receive_partial(words, step.end_sample)
        for word in agreement.committed[known:]:
            spoken_at = utterance.visit.spoken_at(max(0, -(-word.end_sample // CHUNK_SAMPLES) - 1))
            yield Latency(spoken_at, at - spoken_at)
        known = len(agreement.committed)


_decoders: list[Any] = []  # of a process: those that are free


def _load(count: int) -> None:
    """Have so many decoders."""
    _decoders.extend(_engine().load_decoder() for _ in range(count - len(_decoders)))


def _hear(share: Sequence[Utterance], deadline: float) -> list[Latency]:
    """Hear every step at its time, or as soon after it as may be; what is not heard by the deadline never came."""
    under_way: dict[int, Any] = {}
    heard: list[list[Heard]] = [[] for _ in share]
    order = sorted((at, number, step) for number, one in enumerate(share) for step, at in enumerate(one.due))
    for due, number, position in order:
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() > deadline:
            break
        step = share[number].steps[position]
        if step.is_start:
            under_way[number] = _engine().Utterance(_decoders.pop(), b"")
        words = under_way[number].hear(step.samples.tobytes())
        if step.is_end:
            words, _ = under_way[number].end()
            _decoders.append(under_way.pop(number).decoder)
        placed = tuple(
            Word(word.text, step.segment_start + word.start_sample, step.segment_start + word.end_sample)
            for word in words
        )
        heard[number].append(Heard(time.monotonic(), placed))
    for utterance in under_way.values():
        utterance.abandon()
        _decoders.append(utterance.decoder)
    return [lag for one, answers in zip(share, heard, strict=True) for lag in _lags_of(one, answers)]


def _lags_of(utterance: Utterance, heard: Sequence[Heard]) -> Iterator[Latency]:
    if len(heard) == len(utterance.steps):
        yield from commit_lags(utterance, heard)
    else:
        yield Latency(utterance.due[-1], float("inf"))


@cache
def _engine() -> Any:
    """The model's own module: the same options, the same blocks of audio."""
    sys.path.append(str(_MODEL))  # last, as Triton does it
    return importlib.import_module("sphinx_utterance")
