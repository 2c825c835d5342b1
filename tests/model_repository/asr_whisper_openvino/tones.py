"""Tones, which the arranged Whisper hears as numbers."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bench.weights.whisper_tones import WORD_SECONDS, tone_hertz
from livetranslate.samples import SAMPLE_RATE_HERTZ

_AMPLITUDE = 8_000


def tones(numbers: Sequence[int | None]) -> npt.NDArray[np.int16]:
    """Half a second for each number; None is silence."""
    time = np.arange(int(WORD_SECONDS * SAMPLE_RATE_HERTZ)) / SAMPLE_RATE_HERTZ
    parts = [np.sin(2 * np.pi * tone_hertz(number) * time) if number is not None else 0 * time for number in numbers]
    return np.asarray(np.concatenate(parts) * _AMPLITUDE, np.int16)
