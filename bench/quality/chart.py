"""Quality over latency as a picture; what the talk aims at is shaded."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bench.quality import aims
from bench.quality.figures import Figures, flat

Numbers = Mapping[str, float]

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")  # Okabe and Ito
_COMMIT_LAG, _LONG_YAAL = "translation_commit_lag_seconds.p50", "long_yaal_seconds"
_TRANSCRIPT_LAG = "transcript_commit_lag_seconds"


def draw(results: Mapping[str, Figures], path: Path) -> None:
    """Draw the scenarios in which somebody speaks."""
    spoken = {name: flat(figures) for name, figures in results.items() if "word_error_rate" in figures}
    colours = dict(zip(spoken, _COLOURS, strict=False))
    translated = {name: numbers for name, numbers in spoken.items() if "bleu" in numbers and _COMMIT_LAG in numbers}
    transcribed = {name: numbers for name, numbers in spoken.items() if f"{_TRANSCRIPT_LAG}.p50" in numbers}
    picture = Picture(figsize=(12, 6), layout="constrained")
    left, right = picture.subplots(1, 2)
    _draw_translation(left, translated, colours)
    _draw_transcript(right, transcribed, colours)
    handles = [Line2D([], [], marker="o", linestyle="", color=colours[name], label=name) for name in spoken]
    if handles:
        picture.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    picture.savefig(path, dpi=120)


def _draw_translation(axes: Axes, results: Mapping[str, Numbers], colours: Mapping[str, str]) -> None:
    axes.set(title="Translation: BLEU over latency", xlabel="behind the speaker, s", ylabel="BLEU (higher is better)")
    for name, numbers in results.items():
        colour, bleu = colours[name], numbers["bleu"]
        lags = [numbers[lag] for lag in (_COMMIT_LAG, _LONG_YAAL) if lag in numbers]
        axes.plot(lags, [bleu] * len(lags), "-", color=colour, linewidth=0.8)
        for lag, marker, fill in zip(lags, "oD", (colour, "white"), strict=False):
            axes.plot(lag, bleu, marker, color=colour, markerfacecolor=fill)
        axes.axhline(numbers["bleu_of_true_transcript"], color=colour, linewidth=0.9, linestyle="--", zorder=0)
    kinds = [
        Line2D([], [], marker="o", linestyle="", color="grey", label="commit lag of source words, median"),
        Line2D([], [], marker="D", linestyle="", color="grey", markerfacecolor="white", label="LongYAAL, CA"),
        Line2D([], [], linestyle="--", linewidth=0.9, color="grey", label="the same engine on the true transcript"),
    ]
    axes.legend(handles=kinds, fontsize=9, loc="lower left", frameon=False)
    _finish(axes)


def _draw_transcript(axes: Axes, results: Mapping[str, Numbers], colours: Mapping[str, str]) -> None:
    axes.set(title="Transcript: word errors over latency", xlabel="commit lag of words, s (median, line to p95)")
    axes.set(ylabel="word error rate, % (lower is better)")
    bounds = {aim.number: aim.bound for aim in aims.TALK}
    width, height = bounds[f"{_TRANSCRIPT_LAG}.p50"], bounds["word_error_rate"] * 100
    aim = Rectangle((0, 0), width, height, color="grey", alpha=0.12, linewidth=0, label="what the talk aims at")
    axes.add_patch(aim)
    for name, numbers in results.items():
        median, p95 = (numbers[f"{_TRANSCRIPT_LAG}.{part}"] for part in ("p50", "p95"))
        rate = numbers["word_error_rate"] * 100
        axes.errorbar(median, rate, xerr=([0.0], [p95 - median]), fmt="o", capsize=3, color=colours[name])
    axes.legend(handles=[aim], fontsize=9, loc="upper left", frameon=False)
    _finish(axes)


def _finish(axes: Axes) -> None:
    axes.margins(0.12)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
