"""How the audio of one segment becomes words: what the two styles of decoding have in common.

A decoding says which piece of audio it wants decoded next and makes committed and unstable words of the answers. Both
are a function of the segment's audio alone, never of the time of day or of how the audio arrived.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from asr.hypothesis import Hypothesis, Word
from asr.pace import CLOSELY, Pace


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a segment's audio that is to be decoded next; the end is exclusive.

    Attributes:
        start_sample: Counted from the session's first, as all samples are.
        end_sample: The answer speaks of the segment's audio up to here.
        is_start: Whether it is the segment's first piece.
        is_end: Whether it is the last one: its answer makes the segment final.
        prompt: What was said before it, for models that take that into account.
    """

    start_sample: int
    end_sample: int
    is_start: bool
    is_end: bool
    prompt: str = ""


class Decoding(Protocol):
    """The decoding of one segment; one piece at a time is out to be decoded."""

    @property
    def committed(self) -> Sequence[Word]:
        """The words that will not change any more. They only grow."""

    @property
    def unstable(self) -> Sequence[Word]:
        """The words after them that may still change."""

    @property
    def needed_from(self) -> int:
        """Audio before this sample is not asked for again."""

    def next_piece(self, limit_sample: int, end_sample: int | None, pace: Pace = CLOSELY) -> Piece | None:
        """The next piece, if one is due.

        Args:
            limit_sample: The audio before it surely belongs to the segment.
            end_sample: Where the segment ends, once that is known. Then a piece is always due until the last one.
            pace: Pieces that only partial results depend on may be left out, so that there are no more of them.
        """

    def receive(self, piece: Piece, hypothesis: Hypothesis) -> None:
        """Take the answer to the piece that is out."""

    def receive_failure(self) -> None:
        """The piece that is out could not be decoded: what is committed is all there will be."""


NewDecoding = Callable[[int], Decoding]
"""Begins the decoding of a segment that starts at this sample."""
