"""How good a translation seems to be, by signs that need no reference."""

from enum import StrEnum


class QualityReason(StrEnum):
    """A sign that a translation may be bad, gravest first; the names are those of `QualityReason` on the wire."""

    EMPTY = "EMPTY"
    WRONG_LANGUAGE = "WRONG_LANGUAGE"
    COPIED = "COPIED"
    REPETITION = "REPETITION"
    TERM_MISSED = "TERM_MISSED"
    NUMBER_LOST = "NUMBER_LOST"
    NAME_LOST = "NAME_LOST"
    LENGTH = "LENGTH"
    LOW_SCORE = "LOW_SCORE"
