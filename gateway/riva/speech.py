"""Speech as a Riva client asks for it: its encoding, at its rate, made off the event loop."""

import asyncio
from concurrent.futures import Executor
from functools import partial

import numpy as np
import soxr
from riva.client.proto import riva_audio_pb2

from gateway.speech_encoder import OpusFile
from livetranslate.audio_format import MAX_SAMPLE_RATE_HERTZ, MIN_SAMPLE_RATE_HERTZ
from livetranslate.errors import InvalidArgumentError


class SpeechWriter:
    """One call's way out for speech. Headerless samples, or one Ogg/Opus file, over all texts."""

    def __init__(self, encoding: int, sample_rate_hertz: int, threads: Executor) -> None:
        """Write so; a rate of 0 is the voice's own.

        Raises:
            InvalidArgumentError: It cannot be written so.
        """
        if encoding not in (riva_audio_pb2.ENCODING_UNSPECIFIED, riva_audio_pb2.LINEAR_PCM, riva_audio_pb2.OGGOPUS):
            message = "This encoding of speech is not supported. Ask for LINEAR_PCM or OGGOPUS."
            raise InvalidArgumentError("SPEECH_ENCODING_UNKNOWN", message)
        if sample_rate_hertz and not MIN_SAMPLE_RATE_HERTZ <= sample_rate_hertz <= MAX_SAMPLE_RATE_HERTZ:
            message = (
                f"The sample rate of speech is {sample_rate_hertz} Hz. Ask for {MIN_SAMPLE_RATE_HERTZ:,} to "
                f"{MAX_SAMPLE_RATE_HERTZ:,} Hz, or for 0: the voice's own."
            )
            raise InvalidArgumentError("SAMPLE_RATE_INVALID", message)
        self._is_opus = encoding == riva_audio_pb2.OGGOPUS
        self._sample_rate_hertz = sample_rate_hertz
        self._threads = threads
        self._resampler: soxr.ResampleStream | None = None  # of the text that is spoken
        self._file: OpusFile | None = None

    async def write(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        """The next mono s16le samples of a text as they are sent; perhaps nothing yet.

        Args:
            audio: The samples; may be none at a text's end.
            sample_rate_hertz: Their rate: that of the voice, which stays.
            is_last: Whether the text ends with them: nothing of it is held back any longer.
        """
        if self._is_opus:
            return await self._off_loop(partial(self._encode, audio, sample_rate_hertz))
        if self._sample_rate_hertz in (0, sample_rate_hertz):
            return audio
        return await self._off_loop(partial(self._resample, audio, sample_rate_hertz, is_last=is_last))

    async def finish(self) -> bytes:
        """What is left after the last text."""
        file, self._file = self._file, None
        return b"" if file is None else await self._off_loop(partial(file.write, b"", is_last=True))

    async def _off_loop(self, work: "partial[bytes]") -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _encode(self, audio: bytes, sample_rate_hertz: int) -> bytes:
        if self._file is None and not audio:
            return b""
        self._file = self._file or OpusFile(sample_rate_hertz)
        return self._file.write(audio, is_last=False)

    def _resample(self, audio: bytes, sample_rate_hertz: int, *, is_last: bool) -> bytes:
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(sample_rate_hertz, self._sample_rate_hertz, 1, dtype="int16")
        resampled = self._resampler.resample_chunk(np.frombuffer(audio, "<i2"), last=is_last)
        if is_last:
            self._resampler = None
        return bytes(resampled.astype("<i2").tobytes())
