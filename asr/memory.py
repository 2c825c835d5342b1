"""What recognition remembers at a position in the audio, and how it travels: versioned, with a checksum.

A position lies where no speech is going on. Whoever is given it, what was remembered there and the audio from there on
recognizes the same segments and words.
"""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Self

from livetranslate.errors import InvalidArgumentError

MAX_DECODER_STATE_BYTES: Final = 2_048  # with the detector's 1.3 KB, all of it stays below 4 KiB

_VERSION: Final = 2
_HEADER: Final = struct.Struct("<BI?")  # version, samples classified, whether a sentence is open
_SIZES: Final = struct.Struct("<HHBB")  # bytes of the classifier's and the decoder's state and of the two languages
_CHECKSUM: Final = struct.Struct("<I")  # CRC-32 of everything before it


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered at a position.

    Attributes:
        classified_samples: The audio after the position that is known not to be speech. It is not classified again,
            but the next segment may reach back into it.
        classifier_state: What the classifier remembers at the end of that audio. Opaque; empty at the beginning.
        decoder_state: What the next segment's decoding starts from. Opaque; empty at the beginning.
        language: The language that is being spoken (BCP-47), where that is found out; empty at the beginning.
        other_language: What the last segment seemed to be spoken in instead, if it did.
        is_sentence_open: Whether the segment that ends at the position was cut there in a sentence.
    """

    classified_samples: int = 0
    classifier_state: bytes = b""
    decoder_state: bytes = b""
    language: str = ""
    other_language: str = ""
    is_sentence_open: bool = False

    def to_bytes(self) -> bytes:
        """At most 4 KiB, as long as the two states keep their bounds."""
        languages = self.language.encode(), self.other_language.encode()
        parts = self.classifier_state, self.decoder_state, *languages
        header = _HEADER.pack(_VERSION, self.classified_samples, self.is_sentence_open)
        body = header + _SIZES.pack(*map(len, parts)) + b"".join(parts)
        return body + _CHECKSUM.pack(zlib.crc32(body))

    @classmethod
    def from_bytes(cls, state: bytes) -> Self:
        """Read what `to_bytes` wrote; of nothing, the beginning.

        Raises:
            InvalidArgumentError: It was not written by this version, or something was changed on the way.
        """
        if not state:
            return cls()
        body, checksum = state[: -_CHECKSUM.size], state[-_CHECKSUM.size :]
        if len(body) < _HEADER.size + _SIZES.size or checksum != _CHECKSUM.pack(zlib.crc32(body)):
            raise invalid_state()
        version, classified_samples, is_sentence_open = _HEADER.unpack_from(body)
        sizes = _SIZES.unpack_from(body, _HEADER.size)
        rest = BytesIO(body[_HEADER.size + _SIZES.size :])
        classifier_state, decoder_state, *languages = (rest.read(size) for size in sizes)
        if version != _VERSION or rest.tell() != sum(sizes) or rest.read():
            raise invalid_state()
        language, other_language = (code.decode(errors="replace") for code in languages)
        return cls(classified_samples, classifier_state, decoder_state, language, other_language, is_sentence_open)


def invalid_state() -> InvalidArgumentError:
    """The error of a state that cannot be used."""
    message = "`config.state` is not a state that this service has told. Send one unchanged, or none to begin anew."
    return InvalidArgumentError("STATE_INVALID", message)
