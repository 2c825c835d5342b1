"""The audio door: bytes of any accepted format in, 16 kHz mono int16 samples out.

Decoders are synchronous and take CPU: call them off the event loop, one call at a time.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import soxr
from numpy.typing import NDArray

from livetranslate.audio_container import ContainerDecoder
from livetranslate.audio_format import AudioFormat, Encoding
from livetranslate.samples import SAMPLE_RATE_HERTZ

__all__ = ["AudioDecoder", "AudioFormat", "Encoding", "decode_file", "open_decoder"]

Samples = NDArray[np.int16]

_FULL_SCALE = 32_768
_FILE_PIECE_BYTES = 65_536


class AudioDecoder(Protocol):
    """Turns pieces of a byte stream into samples; how the stream is cut makes no difference."""

    def feed(self, piece: bytes) -> Iterator[Samples]:
        """Yields the samples that `piece` completes, in parts of bounded size. Iterate to the end before the next call.

        Raises:
            InvalidArgumentError: AUDIO_UNDECODABLE.
        """

    def finish(self) -> Iterator[Samples]:
        """Yields the rest, after the last piece.

        Raises:
            InvalidArgumentError: AUDIO_UNDECODABLE.
        """

    @property
    def truncated(self) -> bool:
        """After `finish`: whether the stream was damaged, most often cut off; what could be decoded was."""

    def close(self) -> None:
        """Frees everything, at any moment; may be called again."""


def open_decoder(audio_format: AudioFormat) -> AudioDecoder:
    """The decoder for a format."""
    if audio_format.encoding in {Encoding.PCM_S16LE, Encoding.PCM_F32LE}:
        return PcmDecoder(audio_format)
    return ContainerDecoder()


def decode_file(path: Path, audio_format: AudioFormat | None = None) -> Iterator[Samples]:
    """Yields a file's samples; a damaged end is left out.

    Raises:
        InvalidArgumentError: AUDIO_UNDECODABLE.
        OSError: The file cannot be read.
    """
    decoder = open_decoder(audio_format or AudioFormat())
    try:
        with path.open("rb") as file:
            while piece := file.read(_FILE_PIECE_BYTES):
                yield from decoder.feed(piece)
        yield from decoder.finish()
    finally:
        decoder.close()


class PcmDecoder:
    """Headerless PCM: mixed down, resampled and scaled as it comes.

    NaN counts as silence, and what is beyond full scale is clipped: one bad sample does not end a session.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        """Expects a PCM format."""
        self._dtype = np.dtype("<i2" if audio_format.encoding is Encoding.PCM_S16LE else "<f4")
        self._channel_count = audio_format.channel_count
        self._frame_bytes = self._dtype.itemsize * self._channel_count
        self._remainder = b""
        self._resampler = _Resampler.to_session_rate(audio_format.sample_rate_hertz)
        self._truncated = False

    @property
    def truncated(self) -> bool:
        """Whether the stream ended within a frame of samples."""
        return self._truncated

    def feed(self, piece: bytes) -> Iterator[Samples]:
        """See `AudioDecoder`. 16 kHz mono s16le is not copied unless a piece splits a sample."""
        if self._remainder:
            piece = self._remainder + piece
        whole = len(piece) - len(piece) % self._frame_bytes
        self._remainder = piece[whole:]
        samples = np.frombuffer(piece, self._dtype, count=whole // self._dtype.itemsize)
        yield from self._convert(samples, last=False)

    def finish(self) -> Iterator[Samples]:
        """See `AudioDecoder`."""
        self._truncated = bool(self._remainder)
        if self._resampler is not None:
            yield from self._convert(np.empty(0, self._dtype), last=True)

    def close(self) -> None:
        """Nothing is held."""

    def _convert(self, samples: NDArray[np.int16] | NDArray[np.float32], *, last: bool) -> Iterator[Samples]:
        if samples.dtype == np.int16 and self._channel_count == 1 and self._resampler is None:
            converted: Samples = samples.astype(np.int16, copy=False)
        else:
            mono = self._as_floats(samples).reshape(-1, self._channel_count).mean(axis=1, dtype=np.float32)
            converted = _as_int16(mono if self._resampler is None else self._resampler.resample(mono, last=last))
        if converted.size:
            yield converted

    def _as_floats(self, samples: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.float32]:
        if samples.dtype == np.int16:
            return samples.astype(np.float32) / _FULL_SCALE
        return np.nan_to_num(samples, nan=0, posinf=1, neginf=-1).clip(-1, 1)


class _Resampler:
    """soxr's streaming resampler, typed."""

    def __init__(self, sample_rate_hertz: int) -> None:
        self._stream = soxr.ResampleStream(sample_rate_hertz, SAMPLE_RATE_HERTZ, 1, dtype="float32")

    @classmethod
    def to_session_rate(cls, sample_rate_hertz: int) -> Self | None:
        """A resampler, or None where there is nothing to do."""
        return None if sample_rate_hertz == SAMPLE_RATE_HERTZ else cls(sample_rate_hertz)

    def resample(self, samples: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        resampled: NDArray[np.float32] = self._stream.resample_chunk(samples, last=last)
        return resampled


def _as_int16(samples: NDArray[np.float32]) -> Samples:
    scaled: Samples = np.rint(samples * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return scaled
