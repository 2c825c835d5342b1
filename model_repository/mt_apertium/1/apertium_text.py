"""Plain text to and from Apertium's stream format."""

import re
from itertools import pairwise

RESERVED = re.compile(r"[\\\[\]{}$@<>/]")
# A `^` opens a word. Even escaped, one with nothing translatable after it makes a program wait for ever. A NUL flushes.
UNSENDABLE = str.maketrans("", "", "^\0")
SENTENCE_MARKS = frozenset(".!?")


def to_stream(text: str) -> bytes:
    """One text as the first program of a pipeline reads it."""
    # Lone surrogates are no text; they are replaced rather than refused, like any other letter nobody knows.
    sendable = text.translate(UNSENDABLE)
    return RESERVED.sub(r"\\\g<0>", sendable).encode("utf-8", errors="replace")


def from_stream(answer: bytes) -> str:
    """The text in what the last program of a pipeline wrote; words that came to nothing leave no double spaces."""
    return " ".join(re.sub(r"\\(.)", r"\1", answer.decode("utf-8", errors="replace")).split())


def without_shifted_capitals(source: str, translation: str) -> str:
    """The translation without capitals that have moved on from a sentence's first word to the next.

    Apertium leaves unknown words as they are, and where a sentence starts with one it gives the capital to the first
    word after: "Zork is here" becomes "Zork Es aquí".
    """
    source_words = [bare(word) for word in source.split()]
    following = dict(reversed([*pairwise(source_words)]))  # what comes after a word's first occurrence
    kept = set(source_words)
    words = translation.split(" ")
    unknown = ""  # the last of the unknown words that the sentence starts with
    is_start = True
    for place, word in enumerate(words):
        if is_start and bare(word) not in kept:
            if following.get(unknown, "")[:1].islower() and bare(word) != "I":
                words[place] = word[:1].lower() + word[1:]
            is_start = False
        unknown = bare(word) if is_start and word[-1:].isalnum() else ""
        is_start = (is_start and bool(unknown)) or ends_sentence(word)
    return " ".join(words)


def bare(word: str) -> str:
    """A word without the marks around it."""
    letters = [place for place, letter in enumerate(word) if letter.isalnum()]
    return word[letters[0] : letters[-1] + 1] if letters else ""


def ends_sentence(word: str) -> bool:
    """Whether a full stop or the like comes after a word's last letter."""
    letters = bare(word)
    return not SENTENCE_MARKS.isdisjoint(word[word.rfind(letters) + len(letters) :])
