"""Glossaries: words that are to be recognized, kept, or translated in a certain way.

A text is taken apart into words and marks of punctuation, and terms are found as runs of them: whole words in any
case, however long the spaces between them are.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import primary
from livetranslate.words import tokens_of

MAX_TERMS = 1000
MAX_SOURCE_CHARACTERS = 100
MAX_TRANSLATION_CHARACTERS = 200  # twice a source: German and Finnish are long
MAX_LANGUAGES = 64  # of one term: four times the targets that a session may have

_Key = tuple[str, ...]
"""Words of a text, folded; one that has no space before it starts with a mark that says so."""

_GLUE = "\0"


@dataclass(frozen=True, slots=True)
class Term:
    """One term.

    Attributes:
        source: The term in the spoken language, as it is to be written.
        translations: Its translation by target language (BCP-47, or only its primary language).
        do_not_translate: Whether it stays as it is in all languages that `translations` lacks.
    """

    source: str
    translations: Mapping[str, str] = field(default_factory=dict)
    do_not_translate: bool = False

    def translation_for(self, language: str) -> str | None:
        """What it must be in a language; None where that is up to the engine."""
        known = {tag.lower(): translation for tag, translation in self.translations.items()}
        kept = self.source if self.do_not_translate else None
        return known.get(language.lower()) or known.get(primary(language)) or kept


@dataclass(frozen=True)
class Glossary:
    """The terms of one session."""

    terms: tuple[Term, ...] = ()

    def phrases(self) -> tuple[str, ...]:
        """What a recognizer should listen for."""
        return tuple(term.source for term in self.terms)

    def find(self, text: str) -> list[tuple[int, int, Term]]:
        """Where terms stand in a text (start, end, term), first to last, not overlapping; the longest wins."""
        found: list[tuple[int, int, Term]] = []
        tokens = tokens_of(text)
        keys = _keys(text, tokens)
        place = 0
        while place < len(tokens):
            length = self._length_at(keys, place)
            if length:
                span = tokens[place].start(), tokens[place + length - 1].end()
                found.append((*span, self._by_key[_unglued(keys[place : place + length])]))
            place += length or 1
        return found

    def could_continue(self, words: Sequence[str]) -> bool:
        """Whether the last words may be the beginning of a longer term: a text should not be cut after them."""
        text = " ".join(words[-MAX_SOURCE_CHARACTERS:])
        keys = _keys(text, tokens_of(text))
        counts = range(1, min(self._longest_beginning, len(keys)) + 1)
        return any(_unglued(keys[-count:]) in self._beginnings for count in counts)

    @cached_property
    def _by_key(self) -> dict[_Key, Term]:
        return {_key_of(term.source): term for term in self.terms}

    @cached_property
    def _lengths(self) -> dict[str, list[int]]:
        """How many words the terms have that start with a word, most first."""
        lengths: dict[str, set[int]] = {}
        for key in self._by_key:
            lengths.setdefault(key[0], set()).add(len(key))
        return {first: sorted(counts, reverse=True) for first, counts in lengths.items()}

    @cached_property
    def _beginnings(self) -> frozenset[_Key]:
        """What terms start with, up to a space: after it the next word comes."""
        return frozenset(
            key[:count] for key in self._by_key for count in range(1, len(key)) if not key[count].startswith(_GLUE)
        )

    @cached_property
    def _longest_beginning(self) -> int:
        return max(map(len, self._beginnings), default=0)

    def _length_at(self, keys: _Key, place: int) -> int:
        """The words of the longest term that starts here; 0 where none does."""
        lengths = self._lengths.get(keys[place].removeprefix(_GLUE), ())
        left = len(keys) - place
        return next((n for n in lengths if n <= left and _unglued(keys[place : place + n]) in self._by_key), 0)


def check_term_count(count: int) -> None:
    """Refuse too many terms, before they cost anything: a message has room for some hundred thousand.

    Raises:
        InvalidArgumentError: There are.
    """
    if count > MAX_TERMS:
        message = f"The glossary has {count:,} terms; at most {MAX_TERMS:,} are allowed."
        raise InvalidArgumentError("GLOSSARY_TOO_LONG", message, limit=str(MAX_TERMS))


def checked_glossary(terms: Iterable[Term]) -> Glossary:
    """A glossary of terms that come from outside; runs of spaces in them become one.

    Raises:
        InvalidArgumentError: There are too many terms, or one is too long, is empty or comes twice.
    """
    given = list(terms)
    check_term_count(len(given))
    checked = [_checked_term(number, term) for number, term in enumerate(given, 1)]
    first_numbers: dict[_Key, int] = {}
    for number, term in enumerate(checked, 1):
        first_number = first_numbers.setdefault(_key_of(term.source), number)
        if first_number != number:
            message = f"Terms {first_number} and {number} of the glossary are the same. Name each once."
            raise InvalidArgumentError("TERM_REPEATED", message)
    return Glossary(tuple(checked))


def _checked_term(number: int, term: Term) -> Term:
    """The term without needless spaces; messages name it by its number, for its text is the session's."""
    source = " ".join(term.source.split())
    if not any(letter.isalnum() for letter in source) or _GLUE in source:
        message = f"`source` of term {number} of the glossary has no letter or digit, or has a NUL. Say what is spoken."
        raise InvalidArgumentError("TERM_INVALID", message)
    _check_length(number, "source", source, MAX_SOURCE_CHARACTERS)
    if len(term.translations) > MAX_LANGUAGES:
        message = f"Term {number} of the glossary has {len(term.translations)} languages; at most {MAX_LANGUAGES} are."
        raise InvalidArgumentError("TERM_INVALID", message, limit=str(MAX_LANGUAGES))
    return Term(source, dict(_checked_translations(number, term.translations)), term.do_not_translate)


def _checked_translations(number: int, translations: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for language, written in translations.items():
        translation = " ".join(written.split())
        if not language or not translation or _GLUE in translation:
            message = (
                f"A translation of term {number} of the glossary is empty, or its language is. "
                "Leave the language out, or set `do_not_translate`."
            )
            raise InvalidArgumentError("TERM_INVALID", message)
        _check_length(number, "translations", translation, MAX_TRANSLATION_CHARACTERS)
        yield language, translation


def _check_length(number: int, name: str, text: str, limit: int) -> None:
    if len(text) > limit:
        message = f"`{name}` of term {number} of the glossary has {len(text)} characters; at most {limit} are allowed."
        raise InvalidArgumentError("TERM_INVALID", message, limit=str(limit))


def _keys(text: str, tokens: Sequence[re.Match[str]]) -> _Key:
    """The words, folded: in any case, with any apostrophe."""
    return tuple(
        ("" if token.start() == 0 or text[token.start() - 1].isspace() else _GLUE)
        + token[0].casefold().replace("\u2019", "'")
        for token in tokens
    )


def _key_of(source: str) -> _Key:
    return _keys(source, tokens_of(source))


def _unglued(keys: _Key) -> _Key:
    """The words, whatever stands before the first."""
    return (keys[0].removeprefix(_GLUE), *keys[1:])
