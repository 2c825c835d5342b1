"""The audio door: the client's bytes in, 16 kHz mono s16le out, decoded off the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor

from livetranslate.audio import AudioFormat, Encoding, Samples, open_decoder
from livetranslate.errors import InvalidArgumentError
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import types_pb2

MAX_PIECE_BYTES = 256 * 1024  # 8 s of samples to a message between the services

_ENCODINGS = {
    types_pb2.AUDIO_ENCODING_UNSPECIFIED: Encoding.SNIFFED,
    types_pb2.AUDIO_ENCODING_PCM_S16LE: Encoding.PCM_S16LE,
    types_pb2.AUDIO_ENCODING_PCM_F32LE: Encoding.PCM_F32LE,
    types_pb2.AUDIO_ENCODING_CONTAINER: Encoding.CONTAINER,
}


def format_from_proto(message: types_pb2.AudioFormat) -> AudioFormat:
    """The format that a client announces.

    Raises:
        InvalidArgumentError: It is not accepted; the message says what is.
    """
    if message.encoding not in _ENCODINGS:
        raise InvalidArgumentError("AUDIO_FORMAT_INVALID", f"Unknown audio encoding {message.encoding}.")
    return AudioFormat(_ENCODINGS[message.encoding], message.sample_rate_hertz, message.channel_count or 1)


class AudioDoor:
    """One session's way in for audio. Close it."""

    def __init__(self, audio_format: AudioFormat, threads: Executor) -> None:
        """Decode in `threads`, except for what needs no decoding."""
        self._decoder = open_decoder(audio_format)
        passes_through = AudioFormat(Encoding.PCM_S16LE, SAMPLE_RATE_HERTZ, 1)
        self._threads = None if audio_format == passes_through else threads

    def close(self) -> None:
        """Free the decoder, at any moment."""
        self._decoder.close()

    @property
    def was_truncated(self) -> bool:
        """After `finish`: whether the end was damaged."""
        return self._decoder.truncated

    def feed(self, audio: bytes) -> AsyncIterator[bytes]:
        """The samples that this audio completes, in pieces of bounded size.

        Raises:
            InvalidArgumentError: It cannot be decoded.
        """
        return self._pieces(lambda: self._decoder.feed(audio))

    def finish(self) -> AsyncIterator[bytes]:
        """The rest, after the last audio.

        Raises:
            InvalidArgumentError: It cannot be decoded.
        """
        return self._pieces(self._decoder.finish)

    async def _pieces(self, decode: Callable[[], Iterator[Samples]]) -> AsyncIterator[bytes]:
        decoded = decode()
        while (samples := await self._next(decoded)) is not None:
            audio = samples.tobytes()
            for start in range(0, len(audio), MAX_PIECE_BYTES):
                yield audio[start : start + MAX_PIECE_BYTES]

    async def _next(self, decoded: Iterator[Samples]) -> Samples | None:
        if self._threads is None:
            return next(decoded, None)
        return await asyncio.get_running_loop().run_in_executor(self._threads, next, decoded, None)
