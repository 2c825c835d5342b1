"""Marks of punctuation, as far as they tell where something ends."""

import unicodedata
from typing import Final

_WESTERN_FINAL_MARKS = (".", "!", "?", "\u2026")
_OTHER_FINAL_MARKS = ("\u3002", "\uff01", "\uff1f", "\uff0e", "\uff61", "\u0964", "\u0965", "\u061f", "\u06d4")
_CLAUSE_MARKS = (",", ";", ":", "\u2013", "\u2014", "\uff0c", "\uff1b", "\uff1a", "\u3001", "\u060c", "\u061b")

WIDE_MARKS: Final = "\u3002\uff01\uff1f\uff0c\uff1b\uff1a\u3001"
"""Those of scripts that write no spaces."""


def has_final_mark(text: str) -> bool:
    """Whether a text closes like a sentence."""
    return _without_closing(text).endswith((*_WESTERN_FINAL_MARKS, *_OTHER_FINAL_MARKS))


def has_plain_final_mark(text: str) -> bool:
    """Whether a text closes with a mark that ends nothing but sentences: no abbreviation is written with it."""
    return _without_closing(text).endswith(_OTHER_FINAL_MARKS)


def has_clause_mark(text: str) -> bool:
    """Whether a text closes with a comma, or another mark within sentences."""
    return text.endswith(_CLAUSE_MARKS)


def bare(word: str) -> str:
    """A word without the marks around it, in lower case, with plain apostrophes."""
    start, end = 0, len(word)
    while start < end and _is_mark(word[start]):
        start += 1
    while end > start and _is_mark(word[end - 1]):
        end -= 1
    return word[start:end].lower().replace("\u2019", "'")


def _without_closing(text: str) -> str:
    """The text without brackets and quotation marks at its end."""
    end = len(text)
    while end and (text[end - 1] in "\"'" or unicodedata.category(text[end - 1]) in ("Pe", "Pf")):
        end -= 1
    return text[:end]


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("P")
