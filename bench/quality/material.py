"""What is played: speech of which we know what is said, and where."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.quality.session_log import Sentence
from livetranslate.audio import decode_file
from livetranslate.samples import SAMPLE_RATE_HERTZ

Samples = NDArray[np.int16]

PAUSE_SECONDS = 0.7
ROOM_LEVEL = 10.0  # of 32,768: a quiet room, -70 dBFS, for no microphone is ever digitally silent

_FRAME_SAMPLES = SAMPLE_RATE_HERTZ // 100
_VOICE_SHARE = 0.05  # of the loudest frame: 26 dB below it


class Recording(NamedTuple):
    """One spoken sentence."""

    samples: Samples
    text: str
    translation: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """Audio to play and the sentences in it."""

    name: str
    samples: Samples
    sentences: tuple[Sentence, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HERTZ


def as_one_stream(name: str, recordings: Iterable[Recording], room_level: float = ROOM_LEVEL) -> Material:
    """Recordings one after the other, with a pause before each."""
    parts: list[Samples] = []
    sentences: list[Sentence] = []
    position = 0
    for recording in recordings:
        parts += [_pause(room_level), recording.samples]
        position += len(parts[-2])
        sentences.append(_sentence(recording, position))
        position += len(recording.samples)
    return Material(name, np.concatenate(parts), tuple(sentences))


def one_by_one(name: str, recordings: Sequence[Recording]) -> list[Material]:
    """Each recording as it is, in a session of its own."""
    return [
        Material(f"{name}-{number:02d}", recording.samples, (_sentence(recording, 0),))
        for number, recording in enumerate(recordings, 1)
    ]


def from_table(path: Path) -> list[Recording]:
    """The recordings of a folder as its table names them: `id`, `english` and perhaps `spanish`."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    sounds = (read_samples(path.parent / f"{row['id']}.wav") for row in rows)
    return [Recording(sound, row["english"], row.get("spanish", "")) for sound, row in zip(sounds, rows, strict=True)]


def from_texts(paths: Iterable[Path]) -> list[Recording]:
    """Recordings that have their text beside them."""
    return [Recording(read_samples(path.with_suffix(".ogg")), path.read_text(encoding="utf-8")) for path in paths]


def split_at_pauses(name: str, samples: Samples, texts: Sequence[str], translations: Sequence[str]) -> Material:
    """A recording whose sentences are told apart by its pauses.

    Raises:
        ValueError: It has not as many stretches of speech as there are texts.
    """
    ranges = voiced_ranges(samples)
    if len(ranges) != len(texts):
        raise ValueError(f"{name}: {len(texts)} sentences, but {len(ranges)} stretches of speech")
    sentences = (
        Sentence(text, start / SAMPLE_RATE_HERTZ, end / SAMPLE_RATE_HERTZ, translation)
        for text, translation, (start, end) in zip(texts, translations, ranges, strict=True)
    )
    return Material(name, samples, tuple(sentences))


def read_samples(path: Path) -> Samples:
    """A file's samples."""
    return np.concatenate(list(decode_file(path)))


def voiced_ranges(samples: Samples) -> list[tuple[int, int]]:
    """Where there is sound that stands out, as ranges of samples, apart by at least `PAUSE_SECONDS`."""
    frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    levels = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    voiced = np.flatnonzero(levels > _VOICE_SHARE * levels.max())
    breaks = np.flatnonzero(np.diff(voiced) * _FRAME_SAMPLES > PAUSE_SECONDS * SAMPLE_RATE_HERTZ)
    starts, ends = np.append(0, breaks + 1), np.append(breaks, len(voiced) - 1)
    return [
        (int(voiced[first]) * _FRAME_SAMPLES, (int(voiced[last]) + 1) * _FRAME_SAMPLES)
        for first, last in zip(starts, ends, strict=True)
    ]


def _sentence(recording: Recording, position: int) -> Sentence:
    """The sentence, where its sound is: recordings begin and end with a little silence."""
    ranges = voiced_ranges(recording.samples)
    start, end = (position + sample for sample in (ranges[0][0], ranges[-1][1]))
    return Sentence(recording.text, start / SAMPLE_RATE_HERTZ, end / SAMPLE_RATE_HERTZ, recording.translation)


def _pause(level: float) -> Samples:
    count = round(PAUSE_SECONDS * SAMPLE_RATE_HERTZ)
    return np.random.default_rng(0).normal(0, level, count).astype(np.int16)
