"""Terms of a glossary on their way through an engine.

Engines know nothing of glossaries. So a term whose translation is given goes through as a placeholder, a word that is
in no dictionary and that engines leave as it is, and its translation is put in its place afterwards (as Crego et al.
2016, "SYSTRAN's Pure Neural Machine Translation Systems", do it with numbers and names). Of the shapes tried with
Apertium those of letters and digits all came through, and those with marks did not; placeholders are read back
tolerantly, for neural engines take words to pieces.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from livetranslate.glossary import Glossary, Term

_STEMS: Final = ("XQ", "QZ", "ZX", "JXQ", "VQZ")  # a text that has all of them gets no placeholders

_SENTENCE_START: Final = re.compile(r"[.!?\u2026]['\")\]\u00bb\u201d\u2019]*\s\W*$")
_BEFORE_CHARACTERS: Final = 8  # before a place, enough for the marks and spaces between two sentences


@dataclass(frozen=True, slots=True)
class _Forced:
    """A term whose translation is given, and where it stands in the text."""

    start: int
    end: int
    term: Term
    translation: str

    @property
    def is_kept(self) -> bool:
        """Whether it stays as it is, in any place."""
        return self.translation == self.term.source


class MarkedText:
    """A text with placeholders for the terms that are to come out in a certain way."""

    def __init__(self, source: str, glossary: Glossary, language: str) -> None:
        """Mark the terms of `source` whose translation into `language` is given; others are the engine's."""
        self.source = source
        self._forced = [
            _Forced(start, end, term, translation)
            for start, end, term in glossary.find(source)
            if (translation := term.translation_for(language)) is not None
        ]
        self._stem = _unused_stem(source) if self._forced else ""

    @property
    def text(self) -> str:
        """What the engine is to translate: the source, unless it has terms."""
        if not self._stem:
            return self.source
        text, end = "", 0
        for number, forced in enumerate(self._forced, 1):
            text = _apart(_apart(text, self.source[end : forced.start]), f"{self._stem}{number}")
            end = forced.end
        return _apart(text, self.source[end:])

    @property
    def is_marked(self) -> bool:
        """Whether it has placeholders."""
        return bool(self._stem)

    def restored(self, translation: str) -> str | None:
        """The translation with the terms in their places; None where a placeholder is missing or there twice."""
        places = list(_pattern(self._stem).finditer(translation))
        numbers = Counter(int(place[1]) for place in places)
        if numbers != Counter(range(1, len(self._forced) + 1)):
            return None
        text, end = "", 0
        for place in places:
            text += translation[end : place.start()]
            text += self._written(self._forced[int(place[1]) - 1], text)
            end = place.end()
        return text + translation[end:]

    def missed_in(self, translation: str) -> tuple[str, ...]:
        """The sources of terms whose translation is not in a translation, in any case, as whole words."""
        missed = (
            forced.term.source for forced in self._forced if not Glossary((Term(forced.translation),)).find(translation)
        )
        return tuple(dict.fromkeys(missed))

    def _written(self, forced: _Forced, before: str) -> str:
        """The term's translation, with a capital where it starts a sentence and was not to stay as it is."""
        if forced.is_kept or not self._starts_sentence(before):
            return forced.translation
        return forced.translation[0].upper() + forced.translation[1:]

    def _starts_sentence(self, before: str) -> bool:
        """Whether a sentence starts after `before`; a translation starts one where its source does."""
        if any(map(str.isalnum, before)):
            return _SENTENCE_START.search(before[-_BEFORE_CHARACTERS:]) is not None
        first = next(filter(str.isalpha, self.source), "")
        return not first.islower()


def _unused_stem(text: str) -> str:
    return next((stem for stem in _STEMS if not _pattern(stem).search(text)), "")


def _apart(text: str, more: str) -> str:
    """Both together; a space keeps a placeholder from running into a word of a script that writes no spaces."""
    return f"{text} {more}" if text[-1:].isalnum() and more[:1].isalnum() else text + more


def _pattern(stem: str) -> re.Pattern[str]:
    """A placeholder in any case, also in pieces; next to it there may be letters of a script without spaces."""
    letters = r"\s?".join(stem)
    return re.compile(rf"(?<![A-Za-z]){letters}\s?([0-9]{{1,4}})(?![0-9])", re.IGNORECASE | re.ASCII)
