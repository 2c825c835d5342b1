"""Sound in which nobody speaks. A recognizer that hears words in it makes them up."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.quality.material import Material
from livetranslate.samples import SAMPLE_RATE_HERTZ

NOISE_LEVELS_DBFS = (-60, -40, -20)

_FULL_SCALE = 32_767
_SCALE_HERTZ = (220.0, 246.9, 261.6, 293.7, 329.6, 349.2, 392.0, 440.0, 493.9, 523.3, 587.3, 659.3)
_HARMONICS = 6
_VIBRATO_HERTZ, _VIBRATO_DEPTH = 5.5, 0.006
_BEAT_SECONDS = 0.35
_CHORD_BEATS = 4
_ATTACK_SECONDS, _DECAY_SECONDS = 0.02, 0.5

Sound = NDArray[np.float64]


def soundscapes(seconds: float) -> list[Material]:
    """Silence, white noise from faint to loud, and music-like tones, each of the given length."""
    count = round(seconds * SAMPLE_RATE_HERTZ)
    noises = (
        Material(f"white noise {level} dBFS", _as_samples(_white_noise(count, level))) for level in NOISE_LEVELS_DBFS
    )
    return [
        Material("digital silence", np.zeros(count, np.int16)),
        *noises,
        Material("melody", _as_samples(_melody(count))),
        Material("melody and chords", _as_samples(_melody(count) / 2 + _chords(count) / 2)),
    ]


def _white_noise(count: int, level_dbfs: float) -> Sound:
    return np.random.default_rng(1).normal(0, 10 ** (level_dbfs / 20), count)


def _melody(count: int) -> Sound:
    """Notes of one to three beats, some with vibrato, and a rest now and then."""
    choose = np.random.default_rng(2)

    def notes() -> Iterator[Sound]:
        while True:
            length = round(_BEAT_SECONDS * choose.integers(1, 4) * SAMPLE_RATE_HERTZ)
            is_rest, vibrato = choose.random() < 0.1, _VIBRATO_DEPTH * choose.integers(0, 2)
            yield np.zeros(length) if is_rest else _note(choose.choice(_SCALE_HERTZ), length, vibrato)

    return _joined(notes(), count)


def _chords(count: int) -> Sound:
    """Three notes at once for four beats each, an octave lower."""
    choose = np.random.default_rng(3)
    length = round(_BEAT_SECONDS * _CHORD_BEATS * SAMPLE_RATE_HERTZ)

    def chords() -> Iterator[Sound]:
        while True:
            root = choose.integers(0, len(_SCALE_HERTZ) - 4)
            yield np.mean([_note(_SCALE_HERTZ[root + step] / 2, length, 0.0) for step in (0, 2, 4)], axis=0)

    return _joined(chords(), count)


def _note(hertz: float, count: int, vibrato: float) -> Sound:
    """A tone with harmonics that is struck and dies away."""
    time = np.arange(count) / SAMPLE_RATE_HERTZ
    wobble = vibrato * hertz / _VIBRATO_HERTZ * np.sin(2 * np.pi * _VIBRATO_HERTZ * time)
    phase = 2 * np.pi * hertz * time + wobble
    envelope = np.minimum(time / _ATTACK_SECONDS, 1) * np.exp(-time / _DECAY_SECONDS)
    tone: Sound = np.sum([np.sin(number * phase) / number for number in range(1, _HARMONICS + 1)], axis=0)
    tone *= 0.3 * envelope
    return tone


def _joined(parts: Iterator[Sound], count: int) -> Sound:
    sound, filled = np.zeros(count), 0
    while filled < count:
        part = next(parts)[: count - filled]
        sound[filled : filled + len(part)] = part
        filled += len(part)
    return sound


def _as_samples(sound: Sound) -> NDArray[np.int16]:
    return (np.clip(sound, -1, 1) * _FULL_SCALE).astype(np.int16)
