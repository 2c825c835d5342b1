"""What is done to the sound of a sentence before anybody hears it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

QUIETEST_PEAK = 0.01  # as in Piper: what is quieter is no speech, and is not made loud
SILENT = 0.01  # of the peak: 40 dB below it
MARGIN_SECONDS = 0.01  # kept of the silence, so that no soft beginning is cut
LONGEST_PART_SECONDS = 1.0  # a message stays small


def to_samples(sound: Any) -> Any:
    """INT16 samples at full volume, as Piper has it: the loudest one is the largest number."""
    peak = max(QUIETEST_PEAK, float(np.abs(sound).max(initial=0)))
    return np.clip(np.round(sound * (32_767 / peak)), -32_767, 32_767).astype(np.int16)


def trim(samples: Any, sample_rate_hertz: int) -> Any:
    """The samples without the silence before and after the speech: when it is heard is for others to say."""
    levels = np.abs(samples.astype(np.int32))
    loud = np.flatnonzero(levels > SILENT * levels.max(initial=0))
    if not loud.size:
        return samples[:0]
    margin = round(MARGIN_SECONDS * sample_rate_hertz)
    return samples[max(0, loud[0] - margin) : loud[-1] + 1 + margin]


def silence(seconds: float, sample_rate_hertz: int) -> Any:
    """A pause."""
    return np.zeros(round(seconds * sample_rate_hertz), np.int16)


def parts(samples: Any, sample_rate_hertz: int) -> Iterator[Any]:
    """The samples in parts of at most a second."""
    length = round(LONGEST_PART_SECONDS * sample_rate_hertz)
    return (samples[start : start + length] for start in range(0, len(samples), length))
