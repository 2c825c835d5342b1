"""What is to be said, as the model was taught to read it."""

import re
import unicodedata
from collections.abc import Iterator

import sentencex

LONGEST_CHARACTERS = 250  # 15 to 20 s of speech: nothing is heard before a sentence is done
# As the model's own code has it. Brackets are its commands, and nobody's words.
REPLACED = str.maketrans(
    {
        "…": ", ",
        ":": ",",
        ";": ",",
        "—": "-",
        "–": "-",  # noqa: RUF001 - as it is written
        "“": '"',
        "”": '"',
        "‘": "'",  # noqa: RUF001 - as it is written
        "’": "'",  # noqa: RUF001 - as it is written
        "[": "(",
        "]": ")",
    }
)
ENDS = tuple(".!?-,؟।")


def sentences(text: str, language: str) -> Iterator[str]:
    """The sentences of a text; one that is too long is cut between words."""
    for sentence in sentencex.segment(language, " ".join(text.split())):
        rest = sentence.strip()
        while len(rest) > LONGEST_CHARACTERS:
            cut = _cut(rest)
            yield rest[:cut].strip()
            rest = rest[cut:].strip()
        if any(character.isalnum() for character in rest):  # marks alone are not to be spoken
            yield rest


def prepared(sentence: str, language: str) -> str:
    """A sentence with its language before it: lower case, decomposed (Korean falls into its letters), with an end."""
    plain = re.sub(r"\s+", " ", sentence.translate(REPLACED)).strip()
    ended = plain if plain.endswith(ENDS) else f"{plain}."
    return f"[{language}]{unicodedata.normalize('NFKD', ended.lower())}"


def _cut(text: str) -> int:
    """Where to cut a long sentence: behind its last comma that fits, else behind the last word."""
    head = text[:LONGEST_CHARACTERS]
    return max(head.rfind(", ") + 1, 0) or max(head.rfind(" "), 0) or LONGEST_CHARACTERS
