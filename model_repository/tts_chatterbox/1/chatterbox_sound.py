"""What is done to the sound of a sentence before anybody hears it. Sounds are FP32, samples INT16, at 24 kHz."""

from collections.abc import Iterator
from typing import Any

import numpy as np

SAMPLE_RATE_HERTZ = 24_000
SILENT = 0.01  # of the peak: 40 dB below it
MARGIN = SAMPLE_RATE_HERTZ // 50  # kept of the silence, so that no soft beginning is cut
PART = SAMPLE_RATE_HERTZ // 2  # a message stays small

FRAME = 720  # 30 ms: some periods of any voice
HOP = FRAME // 2
SEARCH = 240  # 10 ms: a period of a low voice
SAME_RATE = 0.01  # nobody hears less


def trim(sound: Any) -> Any:
    """The sound without the silence before and after the speech: when it is heard is for others to say."""
    levels = np.abs(sound)
    loud = np.flatnonzero(levels > SILENT * levels.max(initial=0))
    return sound[max(0, loud[0] - MARGIN) : loud[-1] + 1 + MARGIN] if loud.size else sound[:0]


def hurry(sound: Any, rate: float) -> Any:
    """The sound so many times faster, at the same pitch: WSOLA (Verhelst and Roelands, 1993).

    Frames are laid over one another at a fixed distance. Each is taken from about where it should be, exactly where it
    goes on best from the one before.
    """
    count = int(sound.size / (HOP * rate))
    if abs(rate - 1) < SAME_RATE or count < 2:
        return sound
    padded = np.pad(sound, (0, 2 * FRAME + 2 * SEARCH))
    window = np.hanning(FRAME + 2)[1:-1]
    hurried, weight = np.zeros(count * HOP + FRAME), np.zeros(count * HOP + FRAME)
    place = 0
    for number in range(count):
        start = number * HOP
        hurried[start : start + FRAME] += window * padded[place : place + FRAME]
        weight[start : start + FRAME] += window
        follows = padded[place + HOP : place + HOP + FRAME]
        first = max(0, round((start + HOP) * rate) - SEARCH)
        fits = np.correlate(padded[first : first + 2 * SEARCH + FRAME], follows, "valid")
        place = first + int(fits.argmax())
    return (hurried / weight.clip(min=1e-3))[: round(sound.size / rate)].astype(np.float32)


def to_samples(sound: Any) -> Any:
    """INT16 samples; what is beyond full scale, or no number, is clipped."""
    whole = np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.round(whole * 32_767), -32_767, 32_767).astype(np.int16)


def parts(samples: Any) -> Iterator[Any]:
    """The samples in parts of at most half a second."""
    return (samples[start : start + PART] for start in range(0, len(samples), PART))
