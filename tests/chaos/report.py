"""What a suite found, for people and as JSON."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from bench.machine import machine_facts
from bench.report import write_results
from tests.chaos.run import Incident
from tests.chaos.suite import Judged, Results

PROCESS_BACK_AIM_SECONDS = 2.0
GATEWAY_GONE_AIM_SECONDS = 1.0

TWO_AT_ONCE = "two at once"
GATEWAY_KILLED = "kill -9 gateway"


@dataclass(frozen=True, slots=True)
class Waits:
    """How waits, in seconds, are distributed."""

    p50: float
    p95: float
    max: float

    @classmethod
    def of(cls, waits: Iterable[float | None]) -> "Waits | None":
        """Their percentiles; None without any."""
        known = sorted(wait for wait in waits if wait is not None)
        if not known:
            return None
        p50, p95 = (known[max(0, -(-len(known) * percent // 100) - 1)] for percent in (50, 95))
        return cls(round(p50, 2), round(p95, 2), round(known[-1], 2))


@dataclass(frozen=True, slots=True)
class Row:
    """All incidents of one kind.

    Attributes:
        survived: Those of runs in which every word was right in the end.
        stuck: Those after which captions did not go on in time, though there was more to say.
        pause: The longest time in which captions stood still, from the fault's beginning.
        recovery: From the moment everything was back until captions went on.
    """

    name: str
    count: int
    survived: int
    stuck: int
    pause: Waits | None
    recovery: Waits | None


def rows_of(results: Results) -> list[Row]:
    """A row for each kind of incident, and one for all."""
    survived = {id(incident) for run in results.runs if run.is_right for incident in run.incidents}
    kinds: dict[str, list[Incident]] = {}
    for incident in results.incidents:
        kinds.setdefault(kind_of(incident), []).append(incident)
    kinds = {**dict(sorted(kinds.items())), "all": results.incidents}
    return [_row(name, incidents, survived) for name, incidents in kinds.items()]


def kind_of(incident: Incident) -> str:
    """The row of an incident."""
    return incident.names[0] if len(incident.names) == 1 else TWO_AT_ONCE


def _row(name: str, incidents: Sequence[Incident], survived: set[int]) -> Row:
    return Row(
        name=name,
        count=len(incidents),
        survived=sum(id(incident) in survived for incident in incidents),
        stuck=sum(incident.stuck_sessions > 0 for incident in incidents),
        pause=Waits.of(incident.pause for incident in incidents),
        recovery=Waits.of(incident.recovery for incident in incidents),
    )


def table_of(results: Results) -> Table:
    """The table that the suite prints."""
    table = Table("fault", title=f"Chaos, seed {results.options.seed}: seconds without a new caption, slowest session")
    for heading in ("count", "survived", "stuck", "pause p50", "p95", "max", "once back p50", "p95", "max"):
        table.add_column(heading, justify="right")
    for row in rows_of(results):
        table.add_section() if row.name == "all" else None
        table.add_row(
            row.name, str(row.count), str(row.survived), str(row.stuck), *_figures(row.pause), *_figures(row.recovery)
        )
    table.add_row("none (undisturbed)", "", "", "", *_figures(Waits.of(results.usual_pauses)))
    return table


def _figures(waits: Waits | None) -> tuple[str, ...]:
    return ("", "", "") if waits is None else tuple(f"{figure:.2f}" for figure in (waits.p50, waits.p95, waits.max))


def totals_of(results: Results) -> dict[str, object]:
    """What it comes down to."""
    rights = sum(len(incident.names) for run in results.runs if run.is_right for incident in run.incidents)
    verdicts = [verdict for run in results.runs for verdict in run.verdicts]
    return {
        "runs": len(results.runs),
        "sessions": len(verdicts),
        "words": results.word_count * len(results.runs),
        "faults": results.fault_count,
        "faults_survived": rights,
        "words_lost": sum(verdict.words_lost for verdict in verdicts),
        "words_doubled": sum(verdict.words_doubled for verdict in verdicts),
        "captions_within_2_s_once_back": _share(
            [incident.recovery for incident in results.incidents], PROCESS_BACK_AIM_SECONDS
        ),
        "captions_within_1_s_of_a_killed_gateway": _share(
            [incident.pause for incident in results.incidents if incident.names == (GATEWAY_KILLED,)],
            GATEWAY_GONE_AIM_SECONDS,
        ),
        "left_out": results.left_out,
        "died_by_themselves": dict(Counter(name for run in results.runs for name in run.deaths)),
        "notices": dict(Counter(notice for run in results.runs for notice in run.notices)),
    }


def _share(waits: Iterable[float | None], aim_seconds: float) -> str:
    known = [wait for wait in waits if wait is not None]
    return f"{sum(wait <= aim_seconds for wait in known)} of {len(known)}"


def write_report(results: Results) -> Path:
    """Write everything to `bench/results/chaos.json`."""
    content = {
        "machine": machine_facts(),
        "options": results.options,
        "totals": totals_of(results),
        "usual_pause": Waits.of(results.usual_pauses),
        "rows": rows_of(results),
        "runs": results.runs,
    }
    return write_results("chaos", content)


def story_of(run: Judged) -> Iterator[str]:
    """A run line by line: what went wrong when, and what is not as it should be."""
    yield f"run {run.number}: {'right' if run.is_right else 'WRONG'}, {len(run.incidents)} incidents"
    for incident in run.incidents:
        victims, pause, recovery = ", ".join(incident.victims), incident.pause, incident.recovery
        yield (
            f"  {incident.began:7.2f} to {incident.undone:7.2f} s  {' + '.join(incident.names)} ({victims}): "
            f"pause {pause}, once back {recovery}"
        )
    if run.deaths:
        yield f"  died by themselves: {', '.join(run.deaths)}"
    if run.notices:
        yield f"  notices: {dict(Counter(run.notices))}"
    for verdict in run.verdicts:
        for difference in verdict.differences:
            yield f"  {verdict.session}: {difference}"
