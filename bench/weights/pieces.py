"""SentencePiece models with the pieces one wants, without training.

The file is a protobuf message, `ModelProto` of SentencePiece's `sentencepiece_model.proto`. The package's own class for
it needs a newer protobuf than Triton's client allows, so its few fields are written by hand.
"""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SPACE: Final = "\u2581"
"""What SentencePiece writes for a space."""

_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3
_SPECIAL: Final = {"<unk>": _UNKNOWN, "<s>": _CONTROL, "</s>": _CONTROL}  # with the ids 0, 1, 2
_UNIGRAM = 1
_WORD_SCORE, _LETTER_SCORE = -1.0, -10.0  # the fewest pieces win, so words win over their letters


def save_pieces(path: Path, pieces: Iterable[str]) -> None:
    """Write a unigram model that cuts a text into as few of these pieces as it can, first of all into long ones."""
    scores = {piece: _LETTER_SCORE if len(piece) == 1 else _WORD_SCORE for piece in pieces}
    messages = [_piece(piece, 0.0, kind) for piece, kind in _SPECIAL.items()]
    messages += [_piece(piece, score, _NORMAL) for piece, score in scores.items()]
    trainer = _number(3, _UNIGRAM) + _number(4, len(messages))
    trainer += _number(40, 0) + _number(41, 1) + _number(42, 2)  # unk_id, bos_id, eos_id
    normalizer = _bytes(1, b"identity") + _number(3, 1) + _number(4, 1) + _number(5, 1)
    path.write_bytes(b"".join(_bytes(1, message) for message in messages) + _bytes(2, trainer) + _bytes(3, normalizer))


def _piece(piece: str, score: float, kind: int) -> bytes:
    return _bytes(1, piece.encode()) + _varint(2 << 3 | 5) + struct.pack("<f", score) + _number(3, kind)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])
