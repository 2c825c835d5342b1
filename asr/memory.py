"""What recognition remembers at a position in the audio, and how it travels: versioned, with a checksum.

A position lies where no speech is going on. Whoever is given it, what was remembered there and the audio from there on
recognizes the same segments and words.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final, Self

from livetranslate.errors import InvalidArgumentError

MAX_DECODER_STATE_BYTES: Final = 2_048  # with the detector's 1.3 KB, all of it stays below 4 KiB

_VERSION: Final = 1
_HEADER: Final = struct.Struct("<BIHH")  # version, samples classified, bytes of the classifier's and decoder's state
_CHECKSUM: Final = struct.Struct("<I")  # CRC-32 of everything before it


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered at a position.

    Attributes:
        classified_samples: The audio after the position that is known not to be speech. It is not classified again,
            but the next segment may reach back into it.
        classifier_state: What the classifier remembers at the end of that audio. Opaque; empty at the beginning.
        decoder_state: What the next segment's decoding starts from. Opaque; empty at the beginning.
    """

    classified_samples: int = 0
    classifier_state: bytes = b""
    decoder_state: bytes = b""

    def to_bytes(self) -> bytes:
        """At most 4 KiB, as long as the two states keep their bounds."""
        sizes = len(self.classifier_state), len(self.decoder_state)
        body = _HEADER.pack(_VERSION, self.classified_samples, *sizes) + self.classifier_state + self.decoder_state
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
        if len(body) < _HEADER.size or checksum != _CHECKSUM.pack(zlib.crc32(body)):
            raise invalid_state()
        version, classified_samples, classifier_size, decoder_size = _HEADER.unpack_from(body)
        states = body[_HEADER.size :]
        if version != _VERSION or len(states) != classifier_size + decoder_size:
            raise invalid_state()
        return cls(classified_samples, states[:classifier_size], states[classifier_size:])


def invalid_state() -> InvalidArgumentError:
    """The error of a state that cannot be used."""
    message = "`config.state` is not a state that this service has told. Send one unchanged, or none to begin anew."
    return InvalidArgumentError("STATE_INVALID", message)
