"""The formats that speech is written in, as OpenAI's clients name them."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.speech_encoder import OGG_OPUS, FileKind

_HEADERLESS_HERTZ = 24_000  # what OpenAI's clients play `pcm` at

MP3: Final = FileKind("mp3", "libmp3lame", 24_000, 576, "s16p", 64_000, container_options={"write_xing": "0"})
FLAC: Final = FileKind("flac", "flac", 24_000, 4_096)
AAC: Final = FileKind("adts", "aac", 24_000, 1_024, "fltp", 64_000)


@dataclass(frozen=True, slots=True)
class Written:
    """A format of speech: what it is called, and how it is made."""

    media_type: str
    kind: FileKind | None = None
    sample_rate_hertz: int = 0
    head: bytes = b""


def _endless_wav(sample_rate_hertz: int) -> bytes:
    """The header of mono s16le samples whose number is not known yet: as many as a header can say, as FFmpeg does."""
    size = 0xFFFFFFFF
    shape = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate_hertz, 2 * sample_rate_hertz, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + shape + struct.pack("<4sI", b"data", size)


FORMATS: Final[Mapping[str, Written]] = {
    "mp3": Written("audio/mpeg", MP3),
    "opus": Written("audio/ogg", OGG_OPUS),
    "aac": Written("audio/aac", AAC),
    "flac": Written("audio/flac", FLAC),
    "wav": Written("audio/wav", None, _HEADERLESS_HERTZ, _endless_wav(_HEADERLESS_HERTZ)),
    "pcm": Written("audio/pcm", None, _HEADERLESS_HERTZ),
}
