"""The log-mel spectrogram that Whisper hears (Radford et al., 2022): frames of 25 ms, 10 ms apart.

The mel bands are those of Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above, of equal area.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SAMPLE_RATE_HERTZ: Final = 16_000
HOP_SAMPLES: Final = 160
FRAME_SAMPLES: Final = 400

_FULL_SCALE: Final = 32_768
_LEAST_POWER: Final = 1e-10
_DYNAMIC_RANGE: Final = 8.0  # powers of ten below the window's loudest; what is softer counts as that
_LINEAR_HERTZ: Final = 1000.0  # up to here a mel is
_MEL_HERTZ: Final = 200 / 3  # as much, and from here on
_LOG_STEP: Final = np.log(6.4) / 27  # a factor of exp(this)


class LogMel:
    """Makes spectrograms with a number of mel bands."""

    def __init__(self, bands: int) -> None:
        self.bands = bands
        self._filters = mel_filters(bands)
        self._window = np.hanning(FRAME_SAMPLES + 1)[:-1].astype(np.float32)

    def __call__(self, windows: Sequence[npt.NDArray[np.int16]], frames: int) -> Floats:
        """The spectrograms of windows, padded with silence: [window, band, frame].

        A window's spectrogram is a function of its own samples: what counts as soft is told by its own loudest band.
        """
        return np.stack([self._of_one(window, frames) for window in windows])

    def _of_one(self, samples: npt.NDArray[np.int16], frames: int) -> Floats:
        # Only where there is audio is there anything to compute: a frame reaches half its length to either side.
        heard = min(frames, len(samples) // HOP_SAMPLES + 2)
        audio = samples.astype(np.float32) / _FULL_SCALE
        start = audio[FRAME_SAMPLES // 2 : 0 : -1]  # frames are centred: the first sees the beginning mirrored
        padded = np.zeros(heard * HOP_SAMPLES + FRAME_SAMPLES, np.float32)
        padded[FRAME_SAMPLES // 2 - len(start) : FRAME_SAMPLES // 2] = start
        kept = audio[: len(padded) - FRAME_SAMPLES // 2]
        padded[FRAME_SAMPLES // 2 : FRAME_SAMPLES // 2 + len(kept)] = kept
        pieces = np.lib.stride_tricks.sliding_window_view(padded, FRAME_SAMPLES)[: heard * HOP_SAMPLES : HOP_SAMPLES]
        power = np.abs(np.fft.rfft(pieces * self._window).astype(np.complex64)) ** 2
        spectrogram = np.full((self.bands, frames), np.log10(_LEAST_POWER), np.float32)
        spectrogram[:, :heard] = np.log10(np.maximum(self._filters @ power.T, _LEAST_POWER))
        return np.asarray((np.maximum(spectrogram, spectrogram.max() - _DYNAMIC_RANGE) + 4) / 4, np.float32)


def mel_filters(bands: int) -> Floats:
    """How much of each frequency of a frame belongs to each mel band: [band, frequency]."""
    edges = _hertz(np.linspace(0, _mel(SAMPLE_RATE_HERTZ / 2), bands + 2))
    frequencies = np.fft.rfftfreq(FRAME_SAMPLES, 1 / SAMPLE_RATE_HERTZ)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low), np.float32)


def band_hertz(bands: int) -> Any:
    """The middle of each mel band."""
    return _hertz(np.linspace(0, _mel(SAMPLE_RATE_HERTZ / 2), bands + 2))[1:-1]


def _mel(hertz: float) -> float:
    return float(_LINEAR_HERTZ / _MEL_HERTZ + np.log(hertz / _LINEAR_HERTZ) / _LOG_STEP)


def _hertz(mels: Any) -> Any:
    above = np.maximum(0, mels - _LINEAR_HERTZ / _MEL_HERTZ)
    return np.minimum(mels * _MEL_HERTZ, _LINEAR_HERTZ) * np.exp(above * _LOG_STEP)
