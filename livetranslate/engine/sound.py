"""What every synthesizer does to the sound of a text before anybody hears it."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

SLOWEST: Final = 0.5
FASTEST: Final = 2.0

_SILENT: Final = 0.01  # of the peak: 40 dB below it


def pace(rate: float) -> float:
    """How fast to speak, 1 being usual, where `rate` is asked for."""
    return min(max(SLOWEST, rate), FASTEST)  # in this order, what is no number is slow


def trim(sound: Any, margin: int) -> Any:
    """The samples without the silence before and after the speech: when it is heard is for others to say.

    Args:
        sound: Samples of any type.
        margin: How many are kept of the silence on either side, so that no soft beginning is cut.
    """
    levels = np.abs(sound, dtype=np.float32)  # the magnitude of an integer may not fit its type
    loud = np.flatnonzero(levels > _SILENT * levels.max(initial=0))
    return sound[max(0, loud[0] - margin) : loud[-1] + 1 + margin] if loud.size else sound[:0]


def parts(samples: Any, most: int) -> Iterator[Any]:
    """The samples in parts of at most so many: a message stays small."""
    return (samples[start : start + most] for start in range(0, len(samples), most))
