"""Latency over the number of sessions as a picture."""

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from bench.capacity.measure import Outcome
from bench.capacity.trial import ADDED, COMMIT_LAG, Bounds, Spread
from bench.system import BESIDE, SERVICES

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito
_STYLES: Sequence[tuple[str, str, Callable[[Spread], float | None]]] = (
    ("p95", "-", lambda spread: spread.p95_ms),
    ("p50", ":", lambda spread: spread.p50_ms),
)


def draw(outcome: Outcome, bounds: Bounds, path: Path) -> None:
    """Draw the curve of a mode: commit lag, what the system adds where that is known, and CPU."""
    added = [kind for kind in outcome.trials[0].latencies if kind.startswith(ADDED)] if outcome.trials else []
    picture = Picture(figsize=(6 * (2 + bool(added)), 4.5), layout="constrained")
    axes = iter(picture.subplots(1, 2 + bool(added)))
    _draw_latency(next(axes), outcome, [COMMIT_LAG], bounds.commit_lag_p95)
    if added:
        _draw_latency(next(axes), outcome, added, bounds.added_p95)
    _draw_cpu(next(axes), outcome)
    picture.suptitle(f"{outcome.mode}: {outcome.sessions} sessions are carried")
    picture.savefig(path, dpi=120)


def _draw_latency(axes: Axes, outcome: Outcome, kinds: Sequence[str], bound_seconds: float) -> None:
    axes.set(title=f"{'Added' if kinds[0].startswith(ADDED) else 'Commit'} lag", xlabel="sessions", ylabel="ms")
    for kind, colour in zip(kinds, _COLOURS, strict=False):
        spreads = [(trial.sessions, trial.latencies[kind]) for trial in outcome.trials]
        _draw_spreads(axes, kind.removeprefix(ADDED), spreads, colour)
    if outcome.bare_trials and COMMIT_LAG in kinds:
        spreads = [(trial.sessions, trial.commit_lag) for trial in outcome.bare_trials]
        _draw_spreads(axes, "the engine alone", spreads, _COLOURS[-1])
    axes.axhline(bound_seconds * 1000, color="grey", linewidth=0.9, linestyle="--", label="bound of p95")
    axes.axvline(outcome.sessions, color="grey", linewidth=0.9)
    axes.set_ylim(0, 2.5 * bound_seconds * 1000)  # what lies far above the bound is only too much
    _finish(axes)


def _draw_spreads(axes: Axes, name: str, spreads: Sequence[tuple[int, Spread]], colour: str) -> None:
    for label, style, figure in _STYLES:
        points = {sessions: value for sessions, spread in spreads if (value := figure(spread)) is not None}
        sessions, values = list(points), list(points.values())
        axes.plot(sessions, values, style, marker="o", markersize=3, color=colour, label=f"{name}, {label}")


def _draw_cpu(axes: Axes, outcome: Outcome) -> None:
    axes.set(title="CPU", xlabel="sessions", ylabel="ms per second of audio")
    for part, colour in zip((*SERVICES, *BESIDE), _COLOURS, strict=False):
        costs = [trial.cpu_ms_per_audio_second[part] for trial in outcome.trials]
        axes.plot(
            [trial.sessions for trial in outcome.trials], costs, marker="o", markersize=3, color=colour, label=part
        )
    axes.set_ylim(bottom=0)
    _finish(axes)


def _finish(axes: Axes) -> None:
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
