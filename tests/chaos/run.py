"""One run: several sessions at once, in real time, while one thing after another goes wrong."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from random import Random

from livetranslate.client import TranslateError
from tests.chaos.background import Background
from tests.chaos.cluster import Cluster
from tests.chaos.faults import Fault, inject, undo
from tests.chaos.session import Session
from tests.chaos.speech import speech

SESSION_COUNT = 3

_POLL_SECONDS = 0.05
_CAPTIONS_SECONDS = 20.0  # how long captions may stay away before the next fault comes anyway
_END_SECONDS = 60.0  # how long sessions may take to end once everything is said
_PAUSE_SECONDS = (0.1, 0.8)  # between captions going on and the next fault


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault, or two at once, and how long captions were away.

    Attributes:
        began: Seconds into the run.
        undone: The same, for the moment when everything was back, also what died by itself meanwhile.
        pause: The longest time in which a session's captions stood still, in the session where it was longest.
        recovery: From `undone` until captions went on, in the session where it took longest.
        stuck_sessions: Those whose captions did not go on in time, though they had more to say.
    """

    names: tuple[str, ...]
    victims: tuple[str, ...]
    began: float
    undone: float
    pause: float | None
    recovery: float | None
    stuck_sessions: int = 0


@dataclass
class Run:
    """What was said and what went wrong meanwhile."""

    sessions: list[Session]
    incidents: list[Incident] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    """Parts that died by themselves."""
    start: float = field(default_factory=time.monotonic)


def new_sessions(seconds: float, count: int = SESSION_COUNT) -> list[Session]:
    """Sessions that say different things."""
    return [Session(f"session-{number}", speech(seconds, number, count)) for number in range(count)]


def play(
    cluster: Cluster, background: Background, sessions: list[Session], *, is_paced: bool = True
) -> tuple[Run, Future[None]]:
    """Let sessions begin."""
    addresses = [cluster.client_addresses(f"client-{session.name}") for session in sessions]
    run = Run(sessions)

    async def play_all() -> None:
        async with asyncio.TaskGroup() as tasks:
            for session, address in zip(sessions, addresses, strict=True):
                tasks.create_task(_played(session, address, is_paced=is_paced))

    return run, background.start(play_all())


async def _played(session: Session, address: str, *, is_paced: bool) -> None:
    """Play a session; a failure is part of the result."""
    try:
        await session.play(address, is_paced=is_paced)
    except* (TranslateError, asyncio.InvalidStateError) as failures:
        session.failure = "; ".join(f"{type(failure).__name__}: {failure}" for failure in failures.exceptions)


def _read(cluster: Cluster, background: Background, run: Run) -> None:
    """Read what is stored of the sessions that began."""
    addresses = cluster.client_addresses("reader")
    for session in run.sessions:
        if session.told.events:
            try:
                background.run(session.read(addresses))
            except (TranslateError, TimeoutError) as error:
                session.failure += f"; not readable: {error!r}"


def run_undisturbed(
    cluster: Cluster, background: Background, seconds: float, *, is_paced: bool, session_count: int = SESSION_COUNT
) -> Run:
    """What the sessions of a run say, with nothing going wrong."""
    run, playing = play(cluster, background, new_sessions(seconds, session_count), is_paced=is_paced)
    finish(cluster, background, run, playing, seconds + _END_SECONDS)
    return run


def run_disturbed(
    cluster: Cluster,
    background: Background,
    seconds: float,
    *,
    faults: Iterator[tuple[Fault, ...]],
    random: Random,
) -> Run:
    """The same, one fault following another until everything is said."""
    run, playing = play(cluster, background, new_sessions(seconds))
    end = run.start + seconds
    wait_for_captions(cluster, run)
    while time.monotonic() < end and not playing.done():
        _until(cluster, run, playing.done, random.uniform(*_PAUSE_SECONDS))
        run.incidents.append(_disturb(cluster, run, next(faults)))
    finish(cluster, background, run, playing)
    return run


def wait_for_captions(cluster: Cluster, run: Run) -> None:
    """Wait until every session has shown something."""
    _until(cluster, run, lambda: all(session.captions.news_at for session in run.sessions), _CAPTIONS_SECONDS)


def finish(
    cluster: Cluster, background: Background, run: Run, playing: Future[None], timeout_seconds: float = _END_SECONDS
) -> None:
    """Wait until everything is said and told, and read what is stored of it."""
    _until(cluster, run, playing.done, timeout_seconds)
    _give_up(playing, run)
    _read(cluster, background, run)


def _disturb(cluster: Cluster, run: Run, faults: Sequence[Fault]) -> Incident:
    began = time.monotonic()
    injected = [inject(cluster, fault) for fault in faults]
    time.sleep(max(fault.hold_seconds for fault in faults))
    undo(cluster, *injected)
    undone = time.monotonic()
    speaking = [session for session in run.sessions if not session.is_said]
    _until(cluster, run, lambda: _all_go_on(speaking, max(undone, cluster.restarted_at)), _CAPTIONS_SECONDS)
    undone = max(undone, cluster.restarted_at)
    stuck = [session for session in speaking if not session.is_said and session.captions.next_after(undone) is None]
    return Incident(
        names=tuple(fault.name for fault in faults),
        victims=tuple(victim for one in injected for victim in one.victims),
        began=round(began - run.start, 2),
        undone=round(undone - run.start, 2),
        pause=worst(session.captions.longest_pause(began, undone) for session in speaking),
        recovery=worst(session.captions.wait_after(undone) for session in speaking),
        stuck_sessions=len(stuck),
    )


def _all_go_on(sessions: Sequence[Session], undone: float) -> bool:
    return all(session.is_said or session.captions.next_after(undone) is not None for session in sessions)


def worst(waits: Iterable[float | None]) -> float | None:
    """The longest of those that ended; None where none did."""
    known = [wait for wait in waits if wait is not None]
    return round(max(known), 3) if known else None


def _until(cluster: Cluster, run: Run, holds: Callable[[], bool], timeout_seconds: float) -> None:
    """Wait for something, and start meanwhile what dies by itself."""
    deadline = time.monotonic() + timeout_seconds
    while not holds() and time.monotonic() < deadline:
        run.deaths += cluster.supervise()
        time.sleep(_POLL_SECONDS)


def _give_up(playing: Future[None], run: Run) -> None:
    """End sessions that do not end."""
    if playing.done():
        return playing.result()
    for session in run.sessions:
        if not session.is_over:
            session.failure = f"not over {_END_SECONDS:g} s after its last word"
    playing.cancel()
    wait([playing])
    return None
