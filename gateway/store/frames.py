"""Submissions as bytes, each in a frame that shows whether it is whole.

length, CRC-32, record count    4 bytes each, big-endian; length and CRC are those of what follows
the generation and the records  JSON
"""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from gateway.store.records import (
    AudioRecord,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetRecord,
    TargetsRecord,
    TranslationRecord,
    WordRecord,
)
from gateway.store.submission import Submission

_HEADER = struct.Struct(">III")
HEADER_BYTES = _HEADER.size
_KINDS: Mapping[str, type[Record]] = {
    kind.__name__: kind
    for kind in (SegmentRecord, TranslationRecord, PositionRecord, TargetsRecord, AudioRecord, SpeechRecord)
}


class Header(NamedTuple):
    """What stands before a frame's content."""

    length: int
    checksum: int
    record_count: int

    @classmethod
    def of(cls, content: bytes) -> "Header | None":
        """The header that begins here; None where it is not whole."""
        return cls(*_HEADER.unpack(content[:HEADER_BYTES])) if len(content) >= HEADER_BYTES else None

    def fits(self, content: bytes) -> bool:
        """Whether this is the content, whole and unchanged."""
        return len(content) == self.length and zlib.crc32(content, self.record_count) == self.checksum


def encode(submission: Submission) -> bytes:
    """A submission as a frame."""
    records = [[type(record).__name__, _fields(record)] for record in submission.records]
    content = json.dumps([submission.generation, records], separators=(",", ":")).encode()
    return _HEADER.pack(len(content), zlib.crc32(content, len(records)), len(records)) + content


def decode(content: bytes, number: int) -> Submission:
    """A frame's content as a submission of this number.

    Raises:
        ValueError: Another version of the program wrote it, with records that this one does not know.
    """
    try:
        generation, records = json.loads(content)
        return Submission(number, generation, tuple(_record(kind, fields) for kind, fields in records))
    except (KeyError, TypeError) as error:
        raise ValueError("not a submission of this version") from error


def _fields(record: Record) -> dict[str, Any]:
    return {name: _TO_JSON.get(name, _same)(getattr(record, name)) for name in record.__slots__}


def _record(kind: str, fields: Mapping[str, Any]) -> Record:
    return _KINDS[kind](**{name: _FROM_JSON.get(name, _same)(value) for name, value in fields.items()})


def _bytes_to_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _slots(values: Iterable[WordRecord | TargetRecord]) -> list[list[Any]]:
    return [[getattr(value, name) for name in value.__slots__] for value in values]


def _same(value: Any) -> Any:
    return value


_TO_JSON: Mapping[str, Callable[[Any], Any]] = {
    "words": _slots,
    "targets": _slots,
    "hop_times_ms": dict,
    "state": _bytes_to_text,
    "audio": _bytes_to_text,
}
_FROM_JSON: Mapping[str, Callable[[Any], Any]] = {
    "words": lambda words: tuple(WordRecord(*word) for word in words),
    "targets": lambda targets: tuple(TargetRecord(*target) for target in targets),
    "target_language_codes": tuple,
    "quality_reasons": tuple,
    "missed_terms": tuple,
    "rejected_models": tuple,
    "state": base64.b64decode,
    "audio": base64.b64decode,
}
