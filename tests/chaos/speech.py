"""What the sessions say: the bundled recording, its pauses shortened, so that captions never rest for long."""

from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livetranslate.audio import decode_file
from livetranslate.samples import SAMPLE_RATE_HERTZ

CHUNK_SECONDS = 0.1
CHUNK_SAMPLES = round(SAMPLE_RATE_HERTZ * CHUNK_SECONDS)

_RECORDING = Path(__file__).parents[2] / "demo" / "meeting.flac"
_FRAME_SAMPLES = SAMPLE_RATE_HERTZ // 50
_QUIET_DBFS = -45.0
_PAUSE_FRAMES = 32  # 0.64 s: enough to end a segment


def speech(seconds: float, number: int, count: int) -> bytes:
    """Speech of one of `count` sessions, each of which begins elsewhere in the recording."""
    recorded = _recording()
    chunk_count = len(recorded) // CHUNK_SAMPLES
    chunks = recorded[: chunk_count * CHUNK_SAMPLES].reshape(chunk_count, CHUNK_SAMPLES)
    wanted = islice(cycle(range(chunk_count)), number * chunk_count // count, None)
    return b"".join(chunks[index].tobytes() for index in islice(wanted, round(seconds / CHUNK_SECONDS)))


def chunks_of(audio: bytes) -> Iterator[bytes]:
    """Audio in messages of `CHUNK_SECONDS`."""
    size = CHUNK_SAMPLES * 2
    return (audio[start : start + size] for start in range(0, len(audio), size))


@cache
def _recording() -> NDArray[np.int16]:
    samples = np.concatenate(list(decode_file(_RECORDING)))
    frames = samples[: len(samples) // _FRAME_SAMPLES * _FRAME_SAMPLES].reshape(-1, _FRAME_SAMPLES)
    level = np.sqrt(np.mean(np.square(frames.astype(np.float64)), axis=1)) / 32768
    is_quiet = level < 10 ** (_QUIET_DBFS / 20)
    kept: NDArray[np.int16] = np.concatenate([frames[index] for index in _kept(is_quiet.tolist())])
    return kept


def _kept(is_quiet: list[bool]) -> Iterator[int]:
    """The frames that stay: of each pause no more than `_PAUSE_FRAMES`."""
    quiet_count = 0
    for index, quiet in enumerate(is_quiet):
        quiet_count = quiet_count + 1 if quiet else 0
        if quiet_count <= _PAUSE_FRAMES:
            yield index
