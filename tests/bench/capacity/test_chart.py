from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.image import imread

from bench.capacity.chart import draw
from bench.capacity.trial import Bounds
from tests.bench.capacity.outcomes import OUTCOME


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    """A picture with lines in it, also where some figures are not known or nothing was measured alone."""
    for number, outcome in enumerate((OUTCOME, replace(OUTCOME, bare_trials=[], bare_sessions=None))):
        path = tmp_path / f"{number}.png"
        draw(outcome, Bounds(), path)
        pixels = imread(path)
        assert pixels.shape[0] > 300
        assert np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0).shape[0] > 50


def test_nothing_measured_is_drawn_as_nothing(tmp_path: Path) -> None:
    """A search that had no time for a single number still ends well."""
    draw(replace(OUTCOME, trials=[], bare_trials=[]), Bounds(), tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1_000
