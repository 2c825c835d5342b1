"""The original with its spoken translation over it, as interpreters are heard: the original is lowered meanwhile."""

import wave
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from livetranslate.cli.sources import Source
from livetranslate.cli.speech_track import SpeechTrack

Samples = NDArray[np.float32]  # full scale is that of int16

_SAMPLE_BYTES: Final = 2
_RAMP_SECONDS: Final = 0.1  # a jump in loudness clicks; a slow change takes words with it
_PAUSE_SECONDS: Final = 0.6  # over shorter pauses the original stays low: rising and falling with each word tires
_INT16: Final = np.iinfo(np.int16)


class Original(AbstractContextManager["Original"]):
    """The audio that is sent, kept on disk until it has been mixed: of a microphone there is no other copy."""

    def __init__(self, source: Source, folder: Path) -> None:
        """Keeps what is read from `source` from now on, in `folder`: the system's temporary files may lie in memory."""
        self._sample_rate_hertz = source.sample_rate_hertz
        self._channel_count = source.channel_count
        self._folder = TemporaryDirectory(prefix=".original-", dir=folder)
        self._path = Path(self._folder.name) / "audio"
        self._file = self._path.open("wb", buffering=0)
        self.source = replace(source, chunks=self._kept(source.chunks))

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._folder.cleanup()

    def blocks(self, sample_rate_hertz: int) -> Iterator[Samples]:
        """The audio so far as mono samples of another rate, a second or so at a time."""
        resampler = soxr.ResampleStream(self._sample_rate_hertz, sample_rate_hertz, 1, dtype="float32")
        frame_bytes = self._channel_count * _SAMPLE_BYTES
        with self._path.open("rb") as file:
            while len(data := file.read(frame_bytes * self._sample_rate_hertz)) >= frame_bytes:
                frames = np.frombuffer(data, "<i2", len(data) // frame_bytes * self._channel_count)
                mono = frames.reshape(-1, self._channel_count).mean(axis=1, dtype=np.float32)
                yield resampler.resample_chunk(mono)
        yield resampler.resample_chunk(np.empty(0, np.float32), last=True)

    def _kept(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._file.write(chunk)
            yield chunk


def mix(original: Original, track: SpeechTrack, path: Path) -> None:
    """Writes a WAV file of both, as long as the longer one. The track has to be closed."""
    with wave.open(str(track.path)) as speech, wave.open(str(path), "wb") as mixed:
        mixed.setparams(speech.getparams())
        rate, position = speech.getframerate(), 0
        times, gains = ducking(track.sounding, rate, track.ducking_db)
        for heard, spoken in _side_by_side(original.blocks(rate), speech):
            gain = np.interp(np.arange(position, position + len(heard)), times, gains)
            both = np.clip(heard * gain + spoken, _INT16.min, _INT16.max)
            mixed.writeframes(np.rint(both).astype("<i2").tobytes())
            position += len(heard)


def ducking(
    sounding: Sequence[tuple[int, int]], sample_rate_hertz: int, ducking_db: float
) -> tuple[Sequence[int], Sequence[float]]:
    """How loud the original is beside speech: the corners of a line, as samples and factors.

    Args:
        sounding: The stretches that are spoken, in order and at least one, as samples of this rate.
        sample_rate_hertz: See there.
        ducking_db: By how much to lower the original meanwhile.
    """
    ramp, low = round(_RAMP_SECONDS * sample_rate_hertz), 10 ** (-ducking_db / 20)
    times: list[int] = []
    gains: list[float] = []
    for start, end in _without_pauses(sounding, round(_PAUSE_SECONDS * sample_rate_hertz)):
        times += start - ramp, start, end, end + ramp
        gains += 1.0, low, low, 1.0
    return times, gains


def _without_pauses(sounding: Sequence[tuple[int, int]], pause_samples: int) -> list[tuple[int, int]]:
    """Stretches that follow one another closely are one."""
    joined: list[tuple[int, int]] = []
    for start, end in sounding:
        is_close = bool(joined) and start - joined[-1][1] < pause_samples
        joined.append((joined.pop()[0] if is_close else start, end))
    return joined


def _side_by_side(original: Iterable[Samples], speech: wave.Wave_read) -> Iterator[tuple[Samples, Samples]]:
    """Blocks of both, equally long; whichever ends first is silent from there on."""
    for heard in original:
        spoken = _read(speech, len(heard))
        yield heard, np.pad(spoken, (0, len(heard) - len(spoken)))
    while (spoken := _read(speech, speech.getframerate())).size:
        yield np.zeros_like(spoken), spoken


def _read(speech: wave.Wave_read, frame_count: int) -> Samples:
    return np.frombuffer(speech.readframes(frame_count), "<i2").astype(np.float32)
