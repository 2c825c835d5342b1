"""How terms are written: each word of a text as the longest term that it belongs to has it.

Read from left to right; a term is decided upon as soon as no later word can make it another one. So what is decided
for the first words of a text is decided for every text that begins with them.
"""

from collections.abc import Sequence
from typing import Final

MAX_TERM_WORDS: Final = 10  # longer phrases are sentences: nobody waits for their ends

_Words = tuple[str, ...]


class TermCasing:
    """The way that some terms are written."""

    def __init__(self, terms: Sequence[str]) -> None:
        """Know the terms; of two that differ in case only, the first counts."""
        self._terms: dict[str, list[tuple[_Words, _Words]]] = {}  # folded and as written, by first words, longest first
        for term in terms:
            words = tuple(term.split())
            if words and len(words) <= MAX_TERM_WORDS:
                folded = tuple(word.casefold() for word in words)
                self._terms.setdefault(folded[0], []).append((folded, words))
        for same_start in self._terms.values():
            same_start.sort(key=lambda term: len(term[0]), reverse=True)

    def decided(self, words: Sequence[str], *, is_all: bool) -> list[str]:
        """The words as they are written, from the first one on as far as they are decided.

        Args:
            words: A text, or its first words.
            is_all: Whether nothing follows: then all of them are decided.
        """
        folded = tuple(word.casefold() for word in words)
        written: list[str] = []
        while (place := len(written)) < len(words):
            term = self._term_at(folded, place, is_all=is_all)
            if term is None:
                break
            written += term or (words[place],)
        return written

    def _term_at(self, folded: _Words, place: int, *, is_all: bool) -> _Words | None:
        """The longest term there, none of them, or None where the words to come decide."""
        following = folded[place : place + MAX_TERM_WORDS]
        for term, written in self._terms.get(folded[place], ()):
            if following[: len(term)] == term:
                return written
            if not is_all and following == term[: len(following)]:
                return None
        return ()
