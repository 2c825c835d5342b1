"""A rolling update under load: `python -m tests.chaos.rolling_update` replaces every replica while sessions speak.

What matters of it needs no cluster manager: a new process serves beside the old one and gets all new connections, the
old one gets SIGTERM and 30 seconds.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.machine import machine_facts
from bench.report import write_results
from tests.chaos.background import background
from tests.chaos.cluster import SETTINGS, Cluster, running_cluster
from tests.chaos.parts import ServicePart
from tests.chaos.report import Waits
from tests.chaos.run import Run, finish, new_sessions, play, run_undisturbed, wait_for_captions, worst
from tests.chaos.verdict import Verdict, finals_of, verdict

_PAUSE_SECONDS = 1.0  # between one replica and the next: captions go on meanwhile


@dataclass(frozen=True, slots=True)
class Update:
    """One replica that was replaced.

    Attributes:
        end_seconds: How long the old process took to end.
        pause: The longest time without a new caption meanwhile, in the session where it was longest.
    """

    replica: str
    end_seconds: float
    pause: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the sessions."""

    updates: tuple[Update, ...]
    usual_pause: Waits | None
    verdicts: tuple[Verdict, ...]
    word_count: int

    @property
    def is_right(self) -> bool:
        """Whether no word was lost or doubled, and nothing else is wrong either."""
        return not any(one.differences for one in self.verdicts)


def update_everything(
    folder: Path,
    *,
    session_count: int,
    session_seconds: float,
    settings: Mapping[str, str] | None = None,
    paces_undisturbed: bool = True,
) -> Outcome:
    """Replace every replica of every service, one after the other; call it on the main thread.

    Args:
        folder: For all logs; PostgreSQL's user must be able to reach it.
        session_count: How many sessions speak, in real time.
        session_seconds: For how long. The updates must be over by then.
        settings: Of the services, beside those that a cluster has.
        paces_undisturbed: Whether the sessions that all is compared with speak in real time, too: then their pauses
            show what is usual.
    """
    with background() as loop, running_cluster(loop, folder, settings={**SETTINGS, **(settings or {})}) as cluster:
        calm = run_undisturbed(cluster, loop, session_seconds, is_paced=paces_undisturbed, session_count=session_count)
        expected = {session.name: finals_of(session.stored) for session in calm.sessions}
        run, playing = play(cluster, loop, new_sessions(session_seconds, session_count))
        wait_for_captions(cluster, run)
        updates = tuple(_updates(cluster, run, playing))
        finish(cluster, loop, run, playing)
    return Outcome(
        updates=updates,
        usual_pause=Waits.of(pause for session in calm.sessions for pause in session.captions.pauses),
        verdicts=tuple(verdict(session, expected[session.name]) for session in run.sessions),
        word_count=sum(len(final.text.split()) for finals in expected.values() for final in finals),
    )


def _updates(cluster: Cluster, run: Run, playing: Future[None]) -> Iterator[Update]:
    for part in cluster.parts.values():
        if not isinstance(part, ServicePart):
            continue
        began = time.monotonic()
        end_seconds = cluster.update(part)
        ended = time.monotonic()
        time.sleep(_PAUSE_SECONDS)
        if playing.done():
            raise AssertionError(f"The sessions were over before {part.name} was replaced: let them speak longer.")
        pauses = (session.captions.longest_pause(began, ended) for session in run.sessions)
        yield Update(part.name, round(end_seconds, 2), worst(pauses))


def _table(outcome: Outcome) -> Table:
    table = Table("replica", "old one ended after, s", "longest pause of captions, s", title="A rolling update")
    for update in outcome.updates:
        table.add_row(update.replica, f"{update.end_seconds:.1f}", f"{update.pause or 0:.2f}")
    if outcome.usual_pause is not None:
        table.add_row("none (undisturbed)", "", f"{outcome.usual_pause.max:.2f}")
    return table


def main(
    sessions: Annotated[int, typer.Option(help="How many sessions speak.", min=1)] = 6,
    session_seconds: Annotated[float, typer.Option(help="How long they speak.")] = 200.0,
) -> None:
    """Replace every replica while sessions speak, and compare every word."""
    console = Console(width=120)
    folder = Path(tempfile.mkdtemp(prefix="livetranslate-update-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs as a user of its own and has to get through
    outcome = update_everything(folder, session_count=sessions, session_seconds=session_seconds)
    lost = sum(one.words_lost for one in outcome.verdicts)
    doubled = sum(one.words_doubled for one in outcome.verdicts)
    console.print(_table(outcome))
    console.print(f"{sessions} sessions, {outcome.word_count} words: {lost} lost, {doubled} doubled.")
    content = {"machine": machine_facts(), "session_count": sessions, "outcome": outcome}
    console.print(f"Written to {write_results('rolling_update', content)}")
    if not outcome.is_right:
        console.print(outcome.verdicts, f"The logs are in {folder}.")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
