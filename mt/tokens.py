"""A transcript taken apart where it could be cut, with the times of its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mt.job import SourceWord
from mt.marks import WIDE_MARKS, bare

# What is written without spaces can be cut after a mark only, and the bracket that it may stand in.
_TOKEN = re.compile(rf"[^\s{WIDE_MARKS}]*[{WIDE_MARKS}]+[\u300d\u300f\u201d\u2019\uff09\u3011]*|[^\s{WIDE_MARKS}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """What stands between two places where a text could be cut: a word, with its marks.

    Attributes:
        text: As it is written.
        start: Its first character's place in the transcript.
        start_sample: Where it is spoken; None where that is not known.
        end_sample: Where it ends (exclusive); None where that is not known.
    """

    text: str
    start: int
    start_sample: int | None = None
    end_sample: int | None = None

    @property
    def end(self) -> int:
        """The place after its last character."""
        return self.start + len(self.text)

    @property
    def bare(self) -> str:
        """The word without marks, in lower case."""
        return bare(self.text)


def tokens_of(text: str, words: Sequence[SourceWord], start: int = 0) -> list[Token]:
    """The tokens of a text from a place on. Words that the text does not have tell no times, nor do those after."""
    starts, ends = _times(text, words)
    return [
        Token(match[0], match.start(), starts.get(match.start()), ends.get(match.end()))
        for match in _TOKEN.finditer(text, start)
    ]


def _times(text: str, words: Sequence[SourceWord]) -> tuple[dict[int, int], dict[int, int]]:
    """The sample at which the word starts that starts at a place of the text, and the same of ends."""
    starts, ends = {}, {}
    place = 0
    for word in words:
        while place < len(text) and text[place].isspace():
            place += 1
        if not word.text or not text.startswith(word.text, place):
            break
        starts[place] = word.start_sample
        place += len(word.text)
        ends[place] = word.end_sample
    return starts, ends
