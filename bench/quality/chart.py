"""Quality over latency as a picture: what is better lies further up, or further down, on the left."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Picture

from bench.quality.figures import Figures, flat

mpl.use("Agg")

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")  # Okabe and Ito

_COMMIT_LAG, _LONG_YAAL = "translation_commit_lag_seconds.p50", "long_yaal_seconds"


def draw(results: Mapping[str, Figures], path: Path) -> None:
    """Draw the scenarios in which somebody speaks."""
    spoken = {name: flat(figures) for name, figures in results.items() if "word_error_rate" in figures}
    colours = dict(zip(spoken, _COLOURS, strict=False))
    picture = Picture(figsize=(12, 5.2), layout="constrained")
    left, right = picture.subplots(1, 2)
    _draw_translation(left, {name: numbers for name, numbers in spoken.items() if "bleu" in numbers}, colours)
    _draw_transcript(right, spoken, colours)
    picture.savefig(path, dpi=120)


def _draw_translation(axes: Axes, results: Mapping[str, Mapping[str, float]], colours: Mapping[str, str]) -> None:
    axes.set(title="Translation: BLEU over latency", xlabel="seconds behind the speaker", ylabel="BLEU", ylim=(0, None))
    for name, numbers in results.items():
        colour, bleu = colours[name], numbers["bleu"]
        lags = [numbers[lag] for lag in (_COMMIT_LAG, _LONG_YAAL) if lag in numbers]
        axes.plot(lags, [bleu] * len(lags), ":", color=colour)
        axes.plot(lags[:1], [bleu], "o", color=colour, label=name)
        axes.plot(lags[1:], [bleu] * len(lags[1:]), "D", color=colour, markerfacecolor="white")
        axes.axhline(numbers["bleu_of_true_transcript"], color=colour, linewidth=0.8, linestyle="--", zorder=0)
    axes.plot([], [], "o", color="grey", label="commit lag, median")
    axes.plot([], [], "D", color="grey", markerfacecolor="white", label="LongYAAL, computation aware")
    axes.plot([], [], "--", color="grey", linewidth=0.8, label="the same engine on the true transcript")
    _finish(axes)


def _draw_transcript(axes: Axes, results: Mapping[str, Mapping[str, float]], colours: Mapping[str, str]) -> None:
    axes.set(title="Transcript: word errors over latency", xlabel="commit lag of words, s: median, and up to p95")
    axes.set(ylabel="word error rate, %")
    for name, numbers in results.items():
        median, p95 = (numbers[f"transcript_commit_lag_seconds.{part}"] for part in ("p50", "p95"))
        rate = numbers["word_error_rate"] * 100
        axes.errorbar(median, rate, xerr=([0.0], [p95 - median]), fmt="o", capsize=3, color=colours[name], label=name)
    axes.set_ylim(0)
    _finish(axes)


def _finish(axes: Axes) -> None:
    axes.set_xlim(0)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
