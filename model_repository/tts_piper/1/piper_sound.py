"""What is done to the sound of a sentence before anybody hears it."""

from typing import Any

import numpy as np

QUIETEST_PEAK = 0.01  # as in Piper: what is quieter is no speech, and is not made loud


def to_samples(sound: Any) -> Any:
    """INT16 samples at full volume, as Piper has it: the loudest one is the largest number."""
    peak = max(QUIETEST_PEAK, float(np.abs(sound).max(initial=0)))
    return np.clip(np.round(sound * (32_767 / peak)), -32_767, 32_767).astype(np.int16)


def silence(seconds: float, sample_rate_hertz: int) -> Any:
    """A pause."""
    return np.zeros(round(seconds * sample_rate_hertz), np.int16)
