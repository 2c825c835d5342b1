"""What the sessions of a benchmark say: real speech with its pauses, without end."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from livetranslate.audio import decode_file
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ

CHUNK_MS = 100
CHUNK_SAMPLES = SAMPLE_RATE_HERTZ * CHUNK_MS // 1000
CHUNK_BYTES = CHUNK_SAMPLES * BYTES_PER_SAMPLE

_RECORDING = Path(__file__).parents[1] / "demo" / "meeting.flac"


@cache
def recording() -> bytes:
    """The bundled recording as 16 kHz mono s16le, cut to whole chunks."""
    audio = np.concatenate(list(decode_file(_RECORDING))).tobytes()
    return audio[: len(audio) - len(audio) % CHUNK_BYTES]


def chunks(audio: bytes, first: int) -> Iterator[bytes]:
    """The audio over and over in chunks of `CHUNK_MS`, from its chunk number `first` on."""
    count = len(audio) // CHUNK_BYTES
    while True:
        start = first % count * CHUNK_BYTES
        yield audio[start : start + CHUNK_BYTES]
        first += 1
