"""The figures as a table: what was aimed at, what was measured, and whether that is enough."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from bench.quality.aims import Aim
from bench.quality.figures import Figure, Figures, Spread, flat

_PARTS = ("p50", "p95", "p99")


def quality_table(results: Mapping[str, tuple[Figures, Sequence[Aim]]]) -> Table:
    """A section per scenario, a row per figure."""
    table = Table("scenario", "metric", title="Quality, latency and steadiness as a client sees them")
    for heading in ("aim", "measured", "met"):
        table.add_column(heading, justify="right")
    for name, (figures, aims) in results.items():
        heading = name
        for row in _rows(figures, aims):
            table.add_row(heading, *row)
            heading = ""
        table.add_section()
    return table


def _rows(figures: Figures, aims: Sequence[Aim]) -> Iterator[tuple[str, str, str, str]]:
    for name, figure in figures.items():
        own = [aim for aim in aims if aim.number.partition(".")[0] == name]
        yield _title(name, figure), _aims(own), _measured(figure), _met(own, figures)
    numbers = flat(figures)
    for aim in aims:
        if aim.number not in numbers:  # there was nothing to measure: that is no success
            yield aim.number, str(aim), "nothing", "NO"


def _title(name: str, figure: Figure) -> str:
    words, is_seconds = name.removesuffix("_seconds").replace("_", " "), name.endswith("_seconds")
    parts = " / ".join(_PARTS) if isinstance(figure, Spread) else ""
    return ", ".join(filter(None, (words, "s" if is_seconds else "", parts)))


def _aims(aims: Sequence[Aim]) -> str:
    return ", ".join(f"{aim} {aim.number.partition('.')[2]}".strip() for aim in aims)


def _measured(figure: Figure) -> str:
    if isinstance(figure, Spread):
        return " / ".join(f"{value:.2f}" for value in (figure.p50, figure.p95, figure.p99))
    return f"{figure:.4g}"


def _met(aims: Sequence[Aim], figures: Figures) -> str:
    numbers = flat(figures)
    return ", ".join("yes" if aim.is_met(numbers[aim.number]) else "NO" for aim in aims)
