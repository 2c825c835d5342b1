"""The figures below which the tests do not let quality fall: what was measured, and how much of a change is noise."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.quality.figures import HIGHER_IS_BETTER, Figures, flat

PATH = Path(__file__).parent / "bounds.json"


@dataclass(frozen=True, slots=True)
class Bound:
    """A number as it was measured, how far it may be worse, and why that far."""

    value: float
    tolerance: float
    reason: str


Bounds = dict[str, Bound]
"""By the numbers' flat names."""


def read_bounds(material: str) -> Bounds:
    """The bounds of a material."""
    return {number: Bound(**bound) for number, bound in _read()[material].items()}


def record_bounds(material: str, figures: Figures) -> None:
    """Replace the values of a material's bounds by those measured now; tolerances and reasons stay.

    Raises:
        KeyError: A number that has a bound could not be measured.
    """
    numbers, everything = flat(figures), _read()
    bounds = read_bounds(material)
    everything[material] = {name: asdict(replace(bound, value=numbers[name])) for name, bound in bounds.items()}
    PATH.write_text(json.dumps(everything, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def broken(bounds: Bounds, figures: Figures) -> list[str]:
    """The numbers that are worse than their bounds by more than noise, or missing, each as a sentence."""
    numbers = flat(figures)
    missing = [f"{number} could not be measured" for number in bounds if number not in numbers]
    return missing + [
        f"{number} is {numbers[number]:g}; it was {bound.value:g}, and {bound.tolerance:g} is noise ({bound.reason})"
        for number, bound in bounds.items()
        if number in numbers and _worse_by(number, numbers[number], bound.value) > bound.tolerance
    ]


def _worse_by(number: str, value: float, recorded: float) -> float:
    return recorded - value if number in HIGHER_IS_BETTER else value - recorded


def _read() -> dict[str, Any]:
    everything: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return everything
