"""Which of a few languages a text is written in, by the n-grams of its characters (the lingua library).

Pure functions for any thread: about 0.05 ms a call once the languages are loaded. Loading one takes 0.1 to 0.3 s and
some 25 to 50 MB, once per process, and the library holds the interpreter's lock meanwhile: `prepare` does it before
anybody waits, a language at a time. What is loaded stays, shared by all sets of languages, so that it is bounded by
the languages that there are models for.
"""

import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from livetranslate.models import primary

MIN_LETTERS: Final = 15
"""Shorter text says nothing: of pieces of sentences with 10 to 14 letters, 4 to 13 % went to a wrong one of two to
eight related languages; of those with 15 to 19, 0.5 to 5 %."""
SURE: Final = 0.9
"""From this probability on, of 4,000 such pieces with 4 to 80 letters, none went to a wrong language."""

_DIGITS: Final = 6  # the library adds up in any order: the last digits are of chance, and a replay must see the same
_SETS: Final = 256  # of languages asked about: a set is a session's candidates, or a language pair; each is small
_KNOWN: Final = {language.iso_code_639_1.name.lower(): language for language in Language.all()}
_ALIASES: Final = {"no": "nb", "fil": "tl"}  # what the library calls by another code


def identify(text: str, among: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """How probable each of these languages is, as (language, probability), the most probable first.

    Args:
        text: What to look at.
        among: BCP-47 codes. Of several with the same primary language the first stands for all; languages that the
            library does not know are left out.

    Returns:
        The languages as they were named; the probabilities sum to 1. Nothing, if the text is written in none of
        their scripts, or where fewer than two are known: then there is nothing to tell apart.
    """
    names = {known: language for language in reversed(among) if (known := _known(language))}
    if len(names) < 2:  # one would be said to be certain, whatever the text
        return ()
    values = _detector(frozenset(names)).compute_language_confidence_values(text)
    if not values[0].value:
        return ()
    found = ((names[value.language], round(value.value, _DIGITS)) for value in values)
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))


def language_of(text: str, among: Sequence[str]) -> str:
    """The one of these languages that a text is surely written in; empty where it is too short or unclear."""
    if sum(map(str.isalpha, text)) < MIN_LETTERS:
        return ""
    for language, probability in identify(text, among):
        return language if probability >= SURE else ""
    return ""


def prepare(languages: Iterable[str]) -> None:
    """Load what is needed to tell these languages; takes its time: call it at the start, or in a thread."""
    for language in {known for language in languages if (known := _known(language))}:
        LanguageDetectorBuilder.from_languages(language).with_preloaded_language_models().build()
        time.sleep(0)  # others have waited for the interpreter's lock


def _known(language: str) -> Language | None:
    code = primary(language)
    return _KNOWN.get(_ALIASES.get(code, code))


@lru_cache(maxsize=_SETS)
def _detector(languages: frozenset[Language]) -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*languages).build()
