"""Speech as its listeners want it written: samples as they are, or Ogg/Opus, encoded off the event loop."""

import asyncio
from concurrent.futures import Executor
from functools import partial

import av
import numpy as np

from gateway.events import SpeechEncoding
from livetranslate.samples import BYTES_PER_SAMPLE

_OPUS_HERTZ = 24_000  # the least of Opus's rates that holds what voices have
_OPUS_BITS_PER_SECOND = 32_000  # a voice in this band gains nothing audible above it (RFC 7587, section 3.1.1)
_FRAME_SAMPLES = _OPUS_HERTZ // 50  # 20 ms, Opus's usual frame
# Three frames to a page: nothing is held back for longer, and the pages' headers cost an eighth of the bytes.
_OGG_OPTIONS = {"page_duration": "60000", "flush_packets": "1"}


class SpeechEncoder:
    """One voice's way out: the chunks of a clause, one after the other, become one complete file."""

    def __init__(self, encoding: SpeechEncoding, threads: Executor) -> None:
        """Encode in `threads`, except for what needs no encoding."""
        self._encodes = encoding is SpeechEncoding.OGG_OPUS
        self._threads = threads
        self._file: OpusFile | None = None  # of the clause that is spoken

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
        file = self._file or OpusFile(sample_rate_hertz)
        self._file = None if is_last else file
        return file.write(audio, is_last=is_last)


class OpusFile:
    """One Ogg/Opus file (RFC 7845), made while its samples come."""

    def __init__(self, sample_rate_hertz: int) -> None:
        """Take samples of this rate."""
        self._sample_rate_hertz = sample_rate_hertz
        self._pages = Pages()
        self._container = av.open(self._pages, "w", format="ogg", options=_OGG_OPTIONS)
        self._stream = self._container.add_stream("libopus", rate=_OPUS_HERTZ, options={"application": "voip"})
        self._stream.layout = "mono"
        self._stream.bit_rate = _OPUS_BITS_PER_SECOND
        self._resampler = av.AudioResampler("s16", "mono", _OPUS_HERTZ, _FRAME_SAMPLES)

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
