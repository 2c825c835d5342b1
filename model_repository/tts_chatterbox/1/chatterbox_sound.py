"""What is done to the sound of a sentence before anybody hears it. Sounds are FP32, samples INT16, at 24 kHz."""

from typing import Any

import numpy as np

FRAME = 720  # 30 ms: some periods of any voice
HOP = FRAME // 2
SEARCH = 240  # 10 ms: a period of a low voice
SAME_RATE = 0.01  # nobody hears less


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
