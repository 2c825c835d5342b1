"""The audio of looks: noise, padded as services pad it. Random weights do not mind."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from bench.gpu.speaking import Look
from livetranslate.samples import SAMPLE_RATE_HERTZ

_LONGEST_SECONDS: Final = 30


def padded_audio(look: Look, lengths_seconds: Sequence[int]) -> npt.NDArray[np.int16]:
    """As much noise as the shortest of the lengths that the window fits into."""
    padded = (seconds * SAMPLE_RATE_HERTZ for seconds in sorted(lengths_seconds))
    return _noise()[: next(samples for samples in padded if samples >= look.samples)]


@cache
def _noise() -> npt.NDArray[np.int16]:
    return np.random.default_rng(0).integers(-8_000, 8_000, _LONGEST_SECONDS * SAMPLE_RATE_HERTZ, np.int16)
