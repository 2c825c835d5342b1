"""Speech as a client of another protocol asks for it: its encoding, at its rate, made off the event loop."""

import asyncio
from concurrent.futures import Executor
from functools import partial

import numpy as np
import soxr

from gateway.speech_encoder import FileKind, SpeechFile


class SpeechWriter:
    """One answer's way out for speech: headerless samples, or one file, over all texts."""

    def __init__(self, sample_rate_hertz: int, kind: FileKind | None, threads: Executor) -> None:
        """Write so.

        Args:
            sample_rate_hertz: Of headerless samples; 0 is the voice's own rate. A file has its kind's.
            kind: What file to make, if any.
            threads: Resample and encode.
        """
        self._kind = kind
        self._sample_rate_hertz = sample_rate_hertz
        self._threads = threads
        self._resampler: soxr.ResampleStream | None = None  # of the text that is spoken
        self._file: SpeechFile | None = None

    async def write(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        """The next mono s16le samples of a text as they are sent; perhaps nothing yet.

        Args:
            audio: The samples; may be none at a text's end.
            sample_rate_hertz: Their rate: that of the voice, which stays.
            is_last: Whether the text ends with them: nothing of it is held back any longer.
        """
        if self._kind is not None:
            return await self._off_loop(partial(self._encode, self._kind, audio, sample_rate_hertz))
        if self._sample_rate_hertz in (0, sample_rate_hertz):
            return audio
        return await self._off_loop(partial(self._resample, audio, sample_rate_hertz, is_last=is_last))

    async def finish(self) -> bytes:
        """What is left after the last text."""
        file, self._file = self._file, None
        return b"" if file is None else await self._off_loop(partial(file.write, b"", is_last=True))

    async def _off_loop(self, work: "partial[bytes]") -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _encode(self, kind: FileKind, audio: bytes, sample_rate_hertz: int) -> bytes:
        if self._file is None and not audio:
            return b""
        self._file = self._file or SpeechFile(sample_rate_hertz, kind)
        return self._file.write(audio, is_last=False)

    def _resample(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(sample_rate_hertz, self._sample_rate_hertz, 1, dtype="int16")
        resampled = self._resampler.resample_chunk(np.frombuffer(audio, "<i2"), last=is_last)
        if is_last:
            self._resampler = None
        return bytes(resampled.astype("<i2").tobytes())
