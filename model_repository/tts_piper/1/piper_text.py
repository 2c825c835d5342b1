"""Texts in pieces that a voice speaks in one go: sentences, and parts of those that are too long."""

import re
from collections.abc import Iterator

import sentencex

LONGEST_CHARACTERS = 200  # about 15 s of speech, for which a network of medium quality takes 0.3 GB of memory
PAUSE = re.compile(r"(?<=[,;:،，、；：])\s*|\s*(?=[—–])")  # noqa: RUF001 - as they are written
# "No." is an answer, unless a number follows; `sentencex` takes it for an abbreviation in any case.
ANSWER_NO = re.compile(r"(?<=\bno\.) (?=[^\W\d])", re.IGNORECASE)


def pieces(text: str, language: str) -> Iterator[str]:
    """The sentences of a text; one that is too long is cut at its last pause that fits, else between words."""
    found = sentencex.segment(language.partition("-")[0].lower(), " ".join(text.split()))
    for part in (part for sentence in found for part in ANSWER_NO.split(sentence)):
        rest = part.strip()
        while len(rest) > LONGEST_CHARACTERS:
            cut = _cut(rest)
            yield rest[:cut].strip()
            rest = rest[cut:].strip()
        if rest:
            yield rest


def _cut(text: str) -> int:
    """Where to cut: at most `LONGEST_CHARACTERS` from the beginning, and not at it."""
    head = text[: LONGEST_CHARACTERS + 1]
    pauses = [found.end() for found in PAUSE.finditer(head) if 0 < found.end() <= LONGEST_CHARACTERS]
    if pauses:
        return pauses[-1]
    space = head.rfind(" ")
    return space if space > 0 else LONGEST_CHARACTERS
