from io import StringIO

from rich.console import Console

from bench.quality.aims import Aim
from bench.quality.figures import Figures, Spread
from bench.quality.table import quality_table


def test_each_figure_stands_beside_its_aims() -> None:
    """A spread may have several, a figure without any is only told, and an aim without a figure is not met."""
    figures: Figures = {"lag_seconds": Spread(9, 1.0, 2.0, 3.0), "bleu": 20.5}
    aims = (Aim("lag_seconds.p50", 1.5), Aim("lag_seconds.p95", 1.5), Aim("bleu_share", 0.9))
    console = Console(width=120, record=True, file=StringIO())
    console.print(quality_table({"talk": (figures, aims)}))
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in console.export_text().splitlines()]
    assert ["talk", "lag, s, p50 / p95 / p99", "≤ 1.5 p50, ≤ 1.5 p95", "1.00 / 2.00 / 3.00", "yes, NO"] in cells
    assert ["", "bleu", "", "20.5", ""] in cells
    assert ["", "bleu_share", "≥ 0.9", "nothing", "NO"] in cells
