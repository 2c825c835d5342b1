"""The spoken sentences of the optional data folder."""

import csv
import wave
from pathlib import Path

import numpy as np
import pytest

from asr.audio_buffer import Samples

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "talk"
PAUSE_SAMPLES = 11_200  # 0.7 s

needs_talk = pytest.mark.skipif(not FOLDER.exists(), reason=f"there is no speech in {FOLDER}")


def sentences() -> list[str]:
    """What is said."""
    with (FOLDER / "talk.tsv").open(encoding="utf-8") as file:
        return [row["english"] for row in csv.DictReader(file, delimiter="\t")]


def speech(number: int) -> Samples:
    """The recording of one sentence, counted from 1."""
    with wave.open(str(FOLDER / f"t{number:02d}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def pause(samples: int = PAUSE_SAMPLES) -> Samples:
    """A quiet room: noise at -70 dBFS, for no microphone is ever digitally silent."""
    return np.random.default_rng(0).normal(0, 10, samples).astype(np.int16)


def talk() -> Samples:
    """All sentences, with a pause before each."""
    count = len(sentences())
    return np.concatenate([part for number in range(1, count + 1) for part in (pause(), speech(number))])
