"""How the words of recognizers that write neither capitals nor punctuation are written: as sentences, without guessing.

A segment begins with a capital letter, unless it goes on with a sentence that was cut, and a sentence that ends gets a
full stop, or in English a question mark. English has capitals in "I" and in the names of days, months and languages;
terms are written as they were given. Commas, other names and sentence ends inside a segment are not known. What is
written in a script without capitals is left as it is.

The written text grows as the words do: what is written of committed words is the beginning of what is written of them
and any others. For that, committed words that may be the beginning of a term wait for the next one; they stand among
the unstable words meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from asr.casing import TermCasing
from asr.hypothesis import Word
from asr.questions import is_english_question
from livetranslate.models import primary

# Without "may", "march" and "polish", which are mostly other words.
_CALENDAR: Final = """
    monday tuesday wednesday thursday friday saturday sunday
    january february april june july august september october november december
"""
_LANGUAGES: Final = "arabic chinese dutch english french german italian russian spanish"
_ENGLISH_NAMES: Final = frozenset((*_CALENDAR.split(), *_LANGUAGES.split()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the speech a segment stands.

    Attributes:
        language: The language spoken.
        is_continued: Whether it goes on with a sentence that the segment before began.
        ends_sentence: Whether its last committed word ends a sentence: only known once it is final.
    """

    language: str
    is_continued: bool = False
    ends_sentence: bool = False


class Writer:
    """Writes the segments of one session."""

    def __init__(self, terms: Sequence[str] = ()) -> None:
        """Know the terms that have a way of their own to be written."""
        self._casing = TermCasing(terms)

    def write(
        self, committed: Sequence[Word], unstable: Sequence[Word], place: Place, *, is_final: bool
    ) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
        """The segment's committed and unstable words as they are written."""
        texts = [word.text for word in committed]
        decided = self._casing.decided(texts, is_all=is_final)
        rest = [*texts[len(decided) :], *(word.text for word in unstable)]
        written = decided + self._casing.decided(rest, is_all=True)
        if primary(place.language) == "en":
            written = [_english(text) for text in written]
        if written and not place.is_continued:
            written[0] = _capitalized(written[0])
        if texts and place.ends_sentence:
            written[len(texts) - 1] += _mark(texts, written[len(texts) - 1], place)
        words = tuple(replace(word, text=text) for word, text in zip([*committed, *unstable], written, strict=True))
        return words[: len(decided)], words[len(decided) :]


def _english(text: str) -> str:
    name = text.removesuffix("'s").removesuffix("s")
    has_capital = text == "i" or text.startswith(("i'", "i\u2019")) or text in _ENGLISH_NAMES or name in _ENGLISH_NAMES
    return _capitalized(text) if has_capital else text


def _capitalized(text: str) -> str:
    """With its first letter as a capital, if all of it is in lower case; a term's own spelling is kept."""
    if not text.islower():
        return text
    first = next((index for index, character in enumerate(text) if character.isalnum()), 0)
    return text[:first] + text[first].title() + text[first + 1 :]


def _mark(texts: Sequence[str], last: str, place: Place) -> str:
    """What ends a sentence of these words."""
    has_case = any(text.lower() != text.upper() for text in texts)
    if not has_case or last.endswith((".", "?", "!", "…")):
        return ""
    is_whole = primary(place.language) == "en" and not place.is_continued
    return "?" if is_whole and is_english_question(texts) else "."
