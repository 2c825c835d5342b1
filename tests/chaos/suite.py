"""The whole suite: the undisturbed run once, then disturbed ones until enough has gone wrong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

from tests.chaos.background import background
from tests.chaos.cluster import Cluster, running_cluster
from tests.chaos.faults import EVERYTHING, Fault, Kind, Place, fault_rounds
from tests.chaos.run import Incident, Run, run_disturbed, run_undisturbed
from tests.chaos.verdict import Final, Verdict, finals_of, verdict

RUN_STRIDE = 28
"""Where in the order of faults the next run begins, so that any run can be made again alone."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to run.

    Attributes:
        fault_count: The suite ends after the run in which so many have been reached.
        run_seconds: How long the sessions of a run speak.
        first_run: Where to begin, to make one run of a suite again.
        places: What goes wrong in each round.
        paces_undisturbed: Whether the undisturbed run speaks in real time, too, so that its captions' pauses show what
            is usual; otherwise it is as fast as the system takes it, with the same words.
    """

    seed: int
    fault_count: int
    run_seconds: float = 100.0
    first_run: int = 0
    places: tuple[Place, ...] = EVERYTHING
    paces_undisturbed: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A run and what became of it."""

    number: int
    incidents: tuple[Incident, ...]
    deaths: tuple[str, ...]
    notices: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def is_right(self) -> bool:
        return not any(one.differences for one in self.verdicts)


@dataclass
class Results:
    """What a suite found so far."""

    options: Options
    word_count: int = 0
    """In the transcripts and translations of one run."""
    usual_pauses: list[float] = field(default_factory=list)
    """Between two captions of the undisturbed run."""
    runs: list[Judged] = field(default_factory=list)
    left_out: tuple[str, ...] = ()
    """What cannot go wrong on this machine."""

    @property
    def incidents(self) -> list[Incident]:
        return [incident for run in self.runs for incident in run.incidents]

    @property
    def fault_count(self) -> int:
        return sum(len(incident.names) for incident in self.incidents)


def run_suite(options: Options, folder: Path, report: Callable[[Judged], None]) -> Results:
    """Run it with all logs in `folder`, which PostgreSQL's user must be able to reach; call it on the main thread."""
    results = Results(options)
    with background() as loop, running_cluster(loop, folder) as cluster:
        calm = run_undisturbed(cluster, loop, options.run_seconds, is_paced=options.paces_undisturbed)
        undisturbed = {session.name: finals_of(session.stored) for session in calm.sessions}
        _check_undisturbed(calm, undisturbed)
        results.word_count = sum(len(final.text.split()) for finals in undisturbed.values() for final in finals)
        results.usual_pauses = [pause for session in calm.sessions for pause in session.captions.pauses]
        if not _can_fill_disks(cluster):
            results.left_out = (f"{Kind.FULL_DISK}: a tmpfs cannot be mounted without root",)
        number = options.first_run
        while results.fault_count < options.fault_count:
            random = Random(f"{options.seed}/{number}")
            faults = islice(_faults(cluster, options), number * RUN_STRIDE, None)
            run = run_disturbed(cluster, loop, options.run_seconds, faults=faults, random=random)
            results.runs.append(_judged(number, run, undisturbed))
            report(results.runs[-1])
            number += 1
    return results


def _faults(cluster: Cluster, options: Options) -> Iterator[tuple[Fault, ...]]:
    places = [place for place in options.places if place[0] is not Kind.FULL_DISK or _can_fill_disks(cluster)]
    return fault_rounds(Random(options.seed), places)


def _can_fill_disks(cluster: Cluster) -> bool:
    return all(disk.can_be_full for disk in cluster.disks.values())


def _check_undisturbed(run: Run, finals: Mapping[str, Sequence[Final]]) -> None:
    """What all else is measured by must itself be right."""
    for session in run.sessions:
        found = verdict(session, finals[session.name])
        if found.differences or not finals[session.name]:
            raise AssertionError(f"the undisturbed run failed: {found}")


def _judged(number: int, run: Run, undisturbed: Mapping[str, Sequence[Final]]) -> Judged:
    return Judged(
        number=number,
        incidents=tuple(run.incidents),
        deaths=tuple(run.deaths),
        notices=tuple(notice for session in run.sessions for notice in session.told.notices),
        verdicts=tuple(verdict(session, undisturbed[session.name]) for session in run.sessions),
    )
