"""Whether a container came to its end, where FFmpeg does not tell.

FLAC and finished WebM promise a duration, which FFmpeg knows. WAV promises a size, and Ogg marks its last page. MP3 and
live WebM promise nothing.
"""

from typing import Protocol

_RIFF_HEADER_BYTES = 8
_UNKNOWN_RIFF_SIZES = {0, 0xFFFFFFFF}  # written by recorders that cannot go back

_PAGE_MAGIC = b"OggS"
_PAGE_HEADER_BYTES = 27
_FLAGS_AT = 5
_SEGMENT_COUNT_AT = 26
_END_OF_STREAM = 0x04
_MAX_PAGE_BYTES = _PAGE_HEADER_BYTES + 255 + 255 * 255


class End(Protocol):
    """Watches a container's bytes for its end."""

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""

    @property
    def reached(self) -> bool:
        """Whether the bytes so far are all that was promised."""


class UnknownEnd:
    """Of a container that promises nothing here."""

    reached = True

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""


class WavEnd:
    """The size that the RIFF header names."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._header = b""
        self._byte_count = 0

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self._header += piece[: _RIFF_HEADER_BYTES - len(self._header)]
        self._byte_count += len(piece)

    @property
    def reached(self) -> bool:
        """Whether as many bytes came as the header promised."""
        riff_size = int.from_bytes(self._header[4:], "little")
        return riff_size in _UNKNOWN_RIFF_SIZES or self._byte_count >= _RIFF_HEADER_BYTES + riff_size


class OggEnd:
    """The mark on an Ogg stream's last page (RFC 3533)."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes and keeps a page's worth."""
        self._tail = (self._tail + piece)[-_MAX_PAGE_BYTES:]

    @property
    def reached(self) -> bool:
        """Whether the bytes end with a whole last page."""
        start = self._tail.rfind(_PAGE_MAGIC)
        while start >= 0:
            if _is_last_page(self._tail[start:]):
                return True
            start = self._tail.rfind(_PAGE_MAGIC, 0, start)  # those four bytes were chance
        return False


def _is_last_page(page: bytes) -> bool:
    if len(page) < _PAGE_HEADER_BYTES or not page[_FLAGS_AT] & _END_OF_STREAM:
        return False
    sizes = page[_PAGE_HEADER_BYTES : _PAGE_HEADER_BYTES + page[_SEGMENT_COUNT_AT]]
    return len(page) == _PAGE_HEADER_BYTES + page[_SEGMENT_COUNT_AT] + sum(sizes)
