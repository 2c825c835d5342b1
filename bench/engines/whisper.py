"""Whisper: a window of ten seconds, of which each engine writes forty tokens."""

import itertools
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from bench.engines.bare_whisper import WINDOW_SECONDS, BareWhisper, audio
from bench.engines.subject import Subject
from bench.weights.whisper import save_random_whisper
from livetranslate.tensors import Value
from livetranslate.triton import FINAL_PRIORITY

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
DIFFERENT_WINDOWS = 64

_numbers = itertools.cycle(range(DIFFERENT_WINDOWS))


def request() -> Mapping[str, Value]:
    """A window."""
    samples = audio(next(_numbers))
    return {"AUDIO": samples, "LENGTH": np.array([samples.size], np.int32), "LANGUAGE": ["en"]}


def whisper(size: str, profile: str = "cpu", batch_sizes: Sequence[int] = BATCH_SIZES) -> Subject:
    """Whisper of one size."""
    return Subject(
        name=f"whisper-{size}",
        engine="asr_whisper",
        profile=profile,
        save=partial(save_random_whisper, size=size),
        bare=BareWhisper,
        request=request,
        batch_sizes=batch_sizes,
        audio_seconds=WINDOW_SECONDS,
        priority=FINAL_PRIORITY,
    )
