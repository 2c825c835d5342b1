"""Speech as its listeners want it written: samples as they are, or Ogg/Opus, encoded off the event loop."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast

import av
import numpy as np

from gateway.events import SpeechEncoding
from livetranslate.samples import BYTES_PER_SAMPLE

_OPUS_HERTZ = 24_000  # the least of Opus's rates that holds what voices have
_OPUS_BITS_PER_SECOND = 32_000  # a voice in this band gains nothing audible above it (RFC 7587, section 3.1.1)
# Three frames to a page: nothing is held back for longer, and the pages' headers cost an eighth of the bytes.
_OGG_OPTIONS = {"page_duration": "60000", "flush_packets": "1"}


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that can be heard while it is made.

    Attributes:
        container: FFmpeg's name of the container.
        codec: And of the codec.
        sample_rate_hertz: The file's rate.
        frame_samples: The samples that are encoded together.
        sample_format: FFmpeg's name of how the codec wants them.
        bits_per_second: How much it may take; 0: what the codec thinks best.
    """

    container: str
    codec: str
    sample_rate_hertz: int
    frame_samples: int
    sample_format: str = "s16"
    bits_per_second: int = 0
    codec_options: Mapping[str, str] = field(default_factory=dict)
    container_options: Mapping[str, str] = field(default_factory=dict)


OGG_OPUS: Final = FileKind(
    "ogg",
    "libopus",
    _OPUS_HERTZ,
    _OPUS_HERTZ // 50,  # 20 ms, Opus's usual frame
    bits_per_second=_OPUS_BITS_PER_SECOND,
    codec_options={"application": "voip"},
    container_options=_OGG_OPTIONS,
)
"""Ogg/Opus (RFC 7845)."""


class SpeechEncoder:
    """One voice's way out: the chunks of a clause, one after the other, become one complete file."""

    def __init__(self, encoding: SpeechEncoding, threads: Executor) -> None:
        """Encode in `threads`, except for what needs no encoding."""
        self._encodes = encoding is SpeechEncoding.OGG_OPUS
        self._threads = threads
        self._file: SpeechFile | None = None  # of the clause that is spoken

    async def encode(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        """The next mono s16le samples of a clause as they are sent: nothing, where they do not fill a page yet."""
        if not self._encodes:
            return audio
        work = partial(self._encode, audio, sample_rate_hertz, is_last=is_last)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def forget(self) -> None:
        """The rest of the clause does not come."""
        self._file = None

    def _encode(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        if self._file is None and not audio:
            return b""  # a clause of which nothing is heard
        file = self._file or SpeechFile(sample_rate_hertz)
        self._file = None if is_last else file
        return file.write(audio, is_last=is_last)


class SpeechFile:
    """One file, made while its samples come."""

    def __init__(self, sample_rate_hertz: int, kind: FileKind = OGG_OPUS) -> None:
        """Take samples of this rate."""
        self._sample_rate_hertz = sample_rate_hertz
        self._pages = Pages()
        self._container = av.open(self._pages, "w", format=kind.container, options=dict(kind.container_options))
        options = dict(kind.codec_options)
        stream = self._container.add_stream(kind.codec, rate=kind.sample_rate_hertz, options=options)
        self._stream = cast("av.AudioStream", stream)  # codecs of speech have no other
        self._stream.layout = "mono"
        if kind.bits_per_second:
            self._stream.bit_rate = kind.bits_per_second
        self._resampler = av.AudioResampler(kind.sample_format, "mono", kind.sample_rate_hertz, kind.frame_samples)

    def write(self, audio: bytes, *, is_last: bool) -> bytes:
        """Add mono s16le samples; returns the pages that are full, and after the last ones all that is left."""
        if audio:
            self._encode(self._frame(audio))
        if is_last:
            self._encode(None)
            self._container.mux(self._stream.encode(None))
            self._container.close()
        return self._pages.take()

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for resampled in self._resampler.resample(frame):
            self._container.mux(self._stream.encode(resampled))

    def _frame(self, audio: bytes) -> av.AudioFrame:
        samples = np.frombuffer(audio, "<i2", len(audio) // BYTES_PER_SAMPLE)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = self._sample_rate_hertz
        return frame


class Pages:
    """A file in memory that is read while it is written."""

    def __init__(self) -> None:
        """Start out empty."""
        self._pages = bytearray()

    def write(self, data: bytes) -> int:
        """Append."""
        self._pages += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last call."""
        pages = bytes(self._pages)
        self._pages.clear()
        return pages
