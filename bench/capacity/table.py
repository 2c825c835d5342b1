"""The figures as people read them."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from bench.capacity.knock import MAX_WORSENING, Knock
from bench.capacity.measure import LOAD, Outcome
from bench.capacity.trial import COMMIT_LAG, Spread
from bench.system import BESIDE, SERVICES


def latency_table(outcome: Outcome) -> Table:
    """Every number of sessions that was tried, and what of it was late."""
    table = Table("sessions", "carried", "latency, ms", title=f"{outcome.mode}: latency")
    for heading in ("count", "p50", "p90", "p95", "p99"):
        table.add_column(heading, justify="right")
    for trial in outcome.trials:
        first = (f"{trial.sessions}  (RTFX {trial.rtfx:.1f})", _carried(trial.broken))
        for kind, spread in trial.latencies.items():
            table.add_row(*first, kind, str(spread.count), *_figures(spread))
            first = ("", "")
        table.add_section()
    for bare in outcome.bare_trials:
        lag = bare.commit_lag
        table.add_row(f"{bare.sessions}  alone", _carried(bare.broken), COMMIT_LAG, str(lag.count), *_figures(lag))
    return table


def cpu_table(outcome: Outcome) -> Table:
    """CPU of each part for each second of audio."""
    table = Table("sessions", title=f"{outcome.mode}: CPU, ms per second of audio")
    parts = (*SERVICES, "all services", *BESIDE, LOAD)
    for heading in parts:
        table.add_column(heading, justify="right")
    for trial in outcome.trials:
        used = trial.cpu_ms_per_audio_second
        all_used = {**used, "all services": sum(used[name] for name in SERVICES)}
        table.add_row(str(trial.sessions), *(f"{all_used[part]:.2f}" for part in parts))
    return table


def summary(outcome: Outcome) -> list[str]:
    """The answer in sentences."""
    refused = "no larger number was tried" if outcome.refused is None else f"{outcome.refused} are not"
    lines = [f"{outcome.mode}: {outcome.sessions} sessions are carried, {refused} (aim: {outcome.aim})."]
    if outcome.ratio is not None:
        alone = f"The engine alone carries {outcome.bare_sessions}"
        lines.append(f"{alone}: {outcome.ratio:.2f} of it are left behind our services.")
    return [*lines, *(_knock_lines(outcome.knock) if outcome.knock else [])]


def _knock_lines(knock: Knock) -> list[str]:
    worsening = "is not known" if knock.worsening is None else f"{knock.worsening:+.0%}"
    shortest, longest = knock.retry_seconds
    got = [
        f"{knock.let_in} were let in",
        f"{knock.refused} were refused (try again in {shortest:.1f} to {longest:.1f} s)",
        f"{sum(knock.failed.values())} failed{_reasons(knock.failed)}",
    ]
    inside = [
        f"p95 commit lag of those inside: {_ms(knock.before.p95_ms)} ms, meanwhile {_ms(knock.during.p95_ms)} ms",
        f"{worsening} (at most {MAX_WORSENING:+.0%})",
        f"{sum(knock.lost.values())} of them were lost{_reasons(knock.lost)}",
        f"degradation {knock.degradation}",
    ]
    return [
        f"While {knock.sessions} ran, {knock.knockers} knocked: {', '.join(got)}.",
        f"Half of them knew after {_ms(knock.answer.p50_ms)} ms, 95 % after {_ms(knock.answer.p95_ms)} ms.",
        f"{'; '.join(inside)}; p95 of those let in: {_ms(knock.let_in_commit_lag.p95_ms)} ms.",
    ]


def _carried(broken: Sequence[str]) -> str:
    return "NO: " + "; ".join(broken) if broken else "yes"


def _reasons(counts: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{count} {reason}' for reason, count in counts.items())})" if counts else ""


def _figures(spread: Spread) -> list[str]:
    return [_ms(value) for value in (spread.p50_ms, spread.p90_ms, spread.p95_ms, spread.p99_ms)]


def _ms(value: float | None) -> str:
    return "never" if value is None else f"{value:,.0f}"
