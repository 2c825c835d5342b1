"""Signs that a translation may be bad, each from 0 (nothing speaks against it) to 1 (surely bad).

They compare a translation with its source; none needs a reference or a model, but that of the engine's own score.
"""

import math
import unicodedata
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from livetranslate.language_id import MIN_LETTERS, identify, language_of
from livetranslate.models import primary
from livetranslate.words import tokens_of, words_of
from mt.number_words import has_number_words, numbers_in

_SCRIPT_LENGTHS: Final = {"zh": 0.35, "yue": 0.35, "ja": 0.45, "ko": 0.5, "he": 0.8, "ar": 0.85}  # characters; Latin: 1
_IDENTIFIED_CHARACTERS: Final = 400  # more says nothing more about a text's language
_LOOP_WORDS: Final = 12  # the longest phrase that is looked for in a loop; longer ones compress well
_LOOPED_WORDS: Final = 600  # as many are looked at: a loop does not end
_COMPRESSED_CHARACTERS: Final = 120  # shorter text does not compress
_COPIED_WORDS: Final = 4  # fewer may be the same in both languages by chance
_SMALL_NUMBER: Final = 12  # up to here, numbers in digits are often translated into words
# After these, which also begin sentences, a capital says nothing.
_SENTENCE_MARKS: Final = frozenset(".!?:;\"'([{\u2026\u201c\u2018\u00ab\u00bf\u00a1-\u2013\u2014/")
_NOUNS_HAVE_CAPITALS: Final = frozenset({"de", "lb"})
_CALENDAR: Final = """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december
"""
_NOT_NAMES: Final = frozenset({"i", *_CALENDAR.split()})  # of English: other languages write them without a capital


def low_score(score: float | None) -> float:
    """How unsure the engine was, by the mean log probability of a token: 0 at 30 % a token, 1 at 10 %."""
    return 0.0 if score is None else _between(-score, 1.2, 2.3)


def odd_length(source: str, translation: str, source_language: str, target_language: str) -> float:
    """How far the characters of both are from the usual ratio; short texts may differ more."""
    ratio = len(translation) / len(source) / _script_length(target_language) * _script_length(source_language)
    tolerated = 0.3 + 1.5 / math.sqrt(len(source))
    return _between(abs(math.log(ratio)), tolerated, tolerated + 0.3)


def wrong_language(source: str, translation: str, source_language: str, target_language: str) -> float:
    """Whether it is surely written in the source's language, or in the script of neither; too short: 0."""
    pair = [source_language, target_language]
    start = translation[:_IDENTIFIED_CHARACTERS]
    if sum(map(str.isalpha, start)) < MIN_LETTERS:
        return 0.0
    is_strange = not identify(start, pair) and bool(identify(source[:_IDENTIFIED_CHARACTERS], pair))
    return float(is_strange or language_of(start, pair) == source_language)


def copied(source: str, translation: str) -> float:
    """The share of words that are the source's, beside names; related languages share half of them."""
    names = set(_names(source))
    words = [word.casefold() for word in words_of(translation) if len(word) > 2 and word not in names]
    if len(words) < _COPIED_WORDS:
        return 0.0
    there = {word.casefold() for word in words_of(source)}
    return _between(sum(word in there for word in words) / len(words), 0.6, 0.9)


def repeating(source: str, translation: str) -> float:
    """The share of words that repeat those just before, beyond what the source repeats.

    A loop is found by its n-grams, or by how well the text compresses (OpenAI's Whisper: a ratio of 2.4 is too good).
    """
    words = words_of(translation)[:_LOOPED_WORDS]
    looped = _looped_count(words) - _looped_count(words_of(source)[:_LOOPED_WORDS])
    share = _between(looped / max(len(words), 1), 0.1, 0.5) if looped > 2 else 0.0
    return max(share, _between(_compression(translation) - max(0.0, _compression(source) - 1), 2.4, 3.0))


def lost_numbers(source: str, translation: str, source_language: str, target_language: str) -> float:
    """The share of the source's numbers that are missing.

    Digits are always compared, words where they are known in both languages. Else a small number may have become a
    word: it is missing only where a number has come in its place.
    """
    is_sure = has_number_words(target_language)
    said = numbers_in(source, source_language if is_sure else "")
    there = numbers_in(translation, target_language)
    lost = said - there
    if not is_sure and not there - said:
        lost = frozenset(number for number in lost if number > _SMALL_NUMBER)
    return len(lost) / len(said) if said else 0.0


def lost_names(source: str, translation: str, source_language: str) -> float:
    """The share of the source's names that are missing; London is there in Londres, too, and Germany not in Alemania.

    Names are words with a capital inside a sentence, in scripts and languages where that tells them.
    """
    names = _names(source) if primary(source_language) not in _NOUNS_HAVE_CAPITALS else []
    words = " ".join(map(_plain, words_of(translation)))
    if not names or not _is_latin(words) or not all(map(_is_latin, map(_plain, names))):
        return 0.0
    return sum(_plain(name)[:3] not in words for name in names) / len(names)


def _names(text: str) -> list[str]:
    """Words with a capital that no sentence starts with; none where nearly all have one, as in a headline."""
    tokens = [token[0] for token in tokens_of(text)]
    inside = [word for before, word in pairwise(tokens) if before not in _SENTENCE_MARKS]
    words = [word for word in inside if word[0].isalpha()]
    names = [word for word in words if word[0].isupper() and word.casefold() not in _NOT_NAMES]
    return [name for name in names if len(name) > 1] if 5 * len(names) <= 4 * len(words) else []


def _looped_count(words: Sequence[str]) -> int:
    """The words of the longest loop, without its first round; a phrase that comes twice is none."""
    folded = [word.casefold() for word in words]
    longest = 0
    for length in range(1, _LOOP_WORDS + 1):
        count = 0
        for before, word in zip(folded, folded[length:], strict=False):
            count = count + 1 if word == before else 0
            if count >= 2 * length:
                longest = max(longest, count)
    return longest


def _compression(text: str) -> float:
    """How many times smaller a text becomes; 1 where it is too short to tell."""
    data = text.encode(errors="replace")
    return len(data) / len(zlib.compress(data, 1)) if len(text) >= _COMPRESSED_CHARACTERS else 1.0


def _plain(word: str) -> str:
    """A word in lower case without accents."""
    letters = unicodedata.normalize("NFD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _is_latin(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(letter < "\u0250" for letter in letters) > len(letters)


def _script_length(language: str) -> float:
    return _SCRIPT_LENGTHS.get(primary(language), 1.0)


def _between(value: float, none: float, full: float) -> float:
    """0 up to `none`, 1 from `full` on."""
    return min(1.0, max(0.0, (value - none) / (full - none)))
