"""The audio of a Riva call, as a session takes it.

Riva's clients send files as they are: the encoding is unset and the rate 0, or they name PCM, and a RIFF header comes
with the first bytes, perhaps in a small first message. So the first bytes tell, and then what the configuration says.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from riva.client.proto import riva_asr_pb2, riva_audio_pb2

from gateway.riva import g711
from livetranslate.v1 import types_pb2

_PIECE_BYTES = 256 * 1024  # a file may come in one message; the session takes 1 MiB at a time

_CONTAINERS = (b"RIFF", b"fLaC", b"OggS")  # none of them is the beginning of speech, but by a chance of 2^-32
_MAGIC_BYTES = 4

_LAWS: Final = {riva_audio_pb2.MULAW: g711.mu_law, riva_audio_pb2.ALAW: g711.a_law}


class RivaAudio:
    """One call's audio on its way into a session."""

    def __init__(self, config: "riva_asr_pb2.RecognitionConfig") -> None:
        """Know what the client says of it, and wait for the first bytes."""
        self._config = config
        self._head = b""
        self._convert: Callable[[bytes], bytes] = bytes
        self.format: types_pb2.AudioFormat | None = None
        """The format of the pieces; None until the first bytes have come."""

    def receive(self, audio: bytes) -> Iterator[bytes]:
        """The next pieces; none while the format is not known."""
        if self.format is None:
            audio = self._head + audio
            if len(audio) < _MAGIC_BYTES:
                self._head = audio
                return iter(())
            self._begin(audio)
        return self._pieces(audio)

    def finish(self) -> Iterator[bytes]:
        """What is left after the last audio; the format is known from then on."""
        if self.format is not None:
            return iter(())
        self._begin(self._head)
        return self._pieces(self._head)

    def _begin(self, head: bytes) -> None:
        config = self._config
        if head.startswith(_CONTAINERS) or config.encoding in (riva_audio_pb2.FLAC, riva_audio_pb2.OGGOPUS):
            self.format = types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_CONTAINER)
        elif config.encoding == riva_audio_pb2.ENCODING_UNSPECIFIED and not config.sample_rate_hertz:
            self.format = types_pb2.AudioFormat()  # MP3 and WebM are found out, and what is left is refused
        else:
            self.format = self._headerless()

    def _headerless(self) -> types_pb2.AudioFormat:
        rate = self._config.sample_rate_hertz
        if law := _LAWS.get(self._config.encoding):
            rate = rate or g711.SAMPLE_RATE_HERTZ
            self._convert = partial(g711.expanded, table=law())
        return types_pb2.AudioFormat(
            encoding=types_pb2.AUDIO_ENCODING_PCM_S16LE,
            sample_rate_hertz=rate,
            channel_count=self._config.audio_channel_count,
        )

    def _pieces(self, audio: bytes) -> Iterator[bytes]:
        for start in range(0, len(audio), _PIECE_BYTES):
            yield self._convert(audio[start : start + _PIECE_BYTES])
