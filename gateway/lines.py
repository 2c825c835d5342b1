"""Text as lines of a limited length.

There are as few lines as possible, and they are about equally long; a line ends after a punctuation mark rather than
elsewhere. The best breaks are found over the whole text at once, as Knuth and Plass do for paragraphs.

A word that is longer than a line, or a sentence of a script without spaces, is cut between characters; marks that
belong to the character before them stay with it.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_ZERO_WIDTH_JOINER = "\u200d"
_STAYS_WITH_THE_LAST = ("M", "Cf", "Sk", "Pe", "Pf", "Po")  # Unicode categories: accents, joiners, closing marks


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the place where it starts: a word, and how many of its characters stand in lines before."""

    text: str
    word: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never cut: a word, or a character of one that is longer than a line."""

    text: str
    word: int
    offset: int = 0

    @property
    def space(self) -> int:
        """Characters between the piece before it and itself."""
        return 0 if self.offset else 1


def lines_of(text: str, max_characters: int) -> list[Line]:
    """The text in lines; white space is where lines may break, and one space between words."""
    pieces = [piece for place, word in enumerate(text.split()) for piece in _pieces_of(word, place, max_characters)]
    return [_line(pieces[start:end]) for start, end in pairwise(_breaks(pieces, max_characters))]


def joined(lines: Sequence[Line]) -> str:
    """The text of lines that follow one another."""
    return "".join(f"{' ' if place and not line.offset else ''}{line.text}" for place, line in enumerate(lines))


def _pieces_of(word: str, place: int, max_characters: int) -> Iterator[_Piece]:
    if len(word) <= max_characters:
        yield _Piece(word, place)
        return
    start = 0
    for end in range(1, len(word) + 1):
        if end == len(word) or end - start == max_characters or not _belong_together(word[end - 1], word[end]):
            yield _Piece(word[start:end], place, start)
            start = end


def _belong_together(character: str, following: str) -> bool:
    return character == _ZERO_WIDTH_JOINER or unicodedata.category(following).startswith(_STAYS_WITH_THE_LAST)


def _breaks(pieces: Sequence[_Piece], max_characters: int) -> list[int]:
    """Where lines start, and the end: the fewest lines first, then the smallest sum of squared lengths."""
    penalty = (max_characters // 3) ** 2  # what a break that no punctuation announces may cost in evenness
    best = [(0, 0, 0)]  # for the pieces before each place: lines, cost, where the last line starts
    for end, last in enumerate(pieces, start=1):
        break_cost = 0 if end == len(pieces) or unicodedata.category(last.text[-1]).startswith("P") else penalty
        best.append(
            min(
                (best[start][0] + 1, best[start][1] + length**2 + break_cost, start)
                for start, length in _last_lines(pieces, end, max_characters)
            )
        )
    breaks = [len(pieces)]
    while breaks[-1]:
        breaks.append(best[breaks[-1]][2])
    return breaks[::-1]


def _last_lines(pieces: Sequence[_Piece], end: int, max_characters: int) -> Iterator[tuple[int, int]]:
    """The lines that may end before a place: where each starts, and its length."""
    length = 0
    for start in reversed(range(end)):
        length += len(pieces[start].text)
        if length > max_characters:
            return
        yield start, length
        length += pieces[start].space


def _line(pieces: Sequence[_Piece]) -> Line:
    text = "".join(f"{' ' * piece.space if place else ''}{piece.text}" for place, piece in enumerate(pieces))
    return Line(text, pieces[0].word, pieces[0].offset)
