"""Words and marks of punctuation in a text of any script.

A word is what stands between spaces and marks, with its combining vowels; of scripts that write no spaces (Thai, Lao,
Burmese, Khmer, Chinese, Japanese) every character is one.
"""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

_MARKS = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf"
    r"\u2010-\u2027\u2030-\u205e\u3001-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_SPACELESS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = rf"[{_SPACELESS}]|[^\s{_MARKS}{_SPACELESS}]+"

_UNSPACED: Final = re.compile(rf"[{_SPACELESS}\u3001-\u303f\uff01-\uff65]")  # with their own marks
_TOKEN: Final = re.compile(rf"[{_MARKS}]|{_WORD}")
_WORD_ALONE: Final = re.compile(_WORD)


def tokens_of(text: str) -> list[re.Match[str]]:
    """Words and marks, where they stand."""
    return list(_TOKEN.finditer(text))


def words_of(text: str) -> list[str]:
    """Words without marks, as they are written."""
    return _WORD_ALONE.findall(text)


def joined(words: Iterable[str]) -> str:
    """Words as a text: with spaces between them, but for two that are written in a script without."""
    parts = [word for word in words if word]
    spaces = [space_between(before, after) for before, after in pairwise(parts)]
    return "".join(part + space for part, space in zip(parts, [*spaces, ""], strict=True)) if parts else ""


def space_between(before: str, after: str) -> str:
    """What stands between two texts, neither of them empty: a space, but not in a script that is written without."""
    return "" if _UNSPACED.match(before[-1]) and _UNSPACED.match(after[0]) else " "
