"""Figures and their percentiles, and the flat names by which aims and bounds know them."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values there are and how they are distributed (nearest rank)."""

    count: int
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self | None:
        """The spread of values; None where there are none."""
        ordered = sorted(values)
        if not ordered:
            return None
        return cls(len(ordered), *(round(_nearest_rank(ordered, percent), 3) for percent in (50, 95, 99)))


Figure = float | Spread
Figures = Mapping[str, Figure]
"""Names with their units, e.g. "first_partial_seconds"."""

HIGHER_IS_BETTER = frozenset(
    {"bleu", "chrf", "bleu_share", "transcript_partial_stability", "translation_partial_stability"}
)


def flat(figures: Figures) -> dict[str, float]:
    """Each number by a name of its own, e.g. "first_partial_seconds.p50"."""
    numbers: dict[str, float] = {}
    for name, figure in figures.items():
        if isinstance(figure, Spread):
            numbers |= {f"{name}.{part}": value for part, value in asdict(figure).items()}
        else:
            numbers[name] = figure
    return numbers


def present(figures: Mapping[str, Figure | None]) -> dict[str, Figure]:
    """Those that could be measured."""
    return {name: figure for name, figure in figures.items() if figure is not None}


def _nearest_rank(ordered: list[float], percent: int) -> float:
    """The smallest value that `percent` of 100 values do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
