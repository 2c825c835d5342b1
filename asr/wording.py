"""What becomes of recognized words on their way out: in which language they are, and how they are written.

A segment's language is decided before anything of it is committed. Where the model heard another language than is
decided upon, its words are not worth much: the segment is decoded anew, in that language.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asr.decoding import Decoding
from asr.endpoint import SegmentEnd, Stretch
from asr.hypothesis import Hypothesis, Word
from asr.language import Heard, LanguageTracker
from asr.memory import Memory
from asr.writing import Place, Writer

Shown = tuple[tuple[Word, ...], tuple[Word, ...]]
"""Committed and unstable words."""


@dataclass(frozen=True, slots=True)
class WordingOptions:
    """What a session's words may be.

    Attributes:
        languages: What may be spoken (BCP-47), at least one, first the likeliest.
        writer: Writes the words of a model that writes them plainly; None for others.
    """

    languages: tuple[str, ...] = ("en",)
    writer: Writer | None = None


class Wording:
    """What one session knows of language and writing between its segments."""

    def __init__(self, options: WordingOptions, start_sample: int, memory: Memory) -> None:
        """Go on where a session was."""
        self.writer = options.writer
        self.tracker = LanguageTracker(options.languages, memory.language, memory.other_language)
        self.open_until = start_sample if memory.is_sentence_open else None  # where a segment was cut in a sentence

    def remembered(self, memory: Memory, sample: int) -> Memory:
        """What is to be remembered at a position, and this besides."""
        return replace(
            memory,
            language=self.tracker.current,
            other_language=self.tracker.other,
            is_sentence_open=self.open_until == sample,
        )


class SegmentWording:
    """The words of one segment."""

    def __init__(self, session: Wording, start_sample: int) -> None:
        """Begin with nothing heard; the segments before may not be final yet."""
        self._session = session
        self._start = start_sample
        self._heard = Heard()
        self.decided = session.tracker.only  # the language; empty while it is undecided

    @property
    def language(self) -> str:
        """The language, or what it probably is."""
        return self.decided or self._session.tracker.likeliest(self._heard)

    @property
    def is_change(self) -> bool:
        """Whether another language is spoken than before."""
        return bool(self.decided) and self._session.tracker.current not in ("", self.decided)

    def receive(self, hypothesis: Hypothesis, decoding: Decoding, *, told: str, is_end: bool) -> bool:
        """Take what a hypothesis, which the decoding has received, tells of the language.

        Args:
            hypothesis: The answer to a step.
            decoding: The segment's.
            told: The language that the model was told, if it was.
            is_end: Whether it was the last step.

        Returns:
            Whether the segment has to be decoded anew.
        """
        tracker = self._session.tracker
        if tracker.only or hypothesis.is_missing:
            return False
        words = [*decoding.committed, *decoding.unstable]
        if not (told and hypothesis.language):  # a model that was told says the same again
            self._heard = tracker.heard(hypothesis, words)
        if self.decided:
            return False
        self.decided = tracker.decide(self._heard, is_last=is_end)
        is_other = bool(self.decided and hypothesis.language) and self._heard.language != self.decided
        return is_other and bool(words)

    def give_up(self) -> None:
        """The segment has failed: its language stays what it probably is."""
        self.decided = self.language

    def shown(self, decoding: Decoding, ended: Stretch | None, *, is_final: bool) -> Shown:
        """The segment's words as they are written; `ended` is why it ended, if it is final."""
        committed, unstable = tuple(decoding.committed), tuple(decoding.unstable)
        if not self.decided:
            committed, unstable = (), committed + unstable
        if self._session.writer is None:
            return committed, unstable
        ends_sentence = is_final and ended is not None and ended.end is not SegmentEnd.MAX_DURATION
        place = Place(self.language, self.is_continued, ends_sentence)
        return self._session.writer.write(committed, unstable, place, is_final=is_final)

    def leave(self, committed: Sequence[Word], ended: Stretch | None) -> str:
        """The segment is final; returns the language that it seems to be in, if that is none of the candidates."""
        is_cut = ended is not None and ended.end is SegmentEnd.MAX_DURATION
        is_open = is_cut and (bool(committed) or self.is_continued)
        self._session.open_until = ended.end_sample if ended and is_open else None
        return self._session.tracker.leave(self.decided, self._heard) if committed else ""

    @property
    def is_continued(self) -> bool:
        """Whether the segment goes on with a sentence that the one before was cut in."""
        return self._start == self._session.open_until
