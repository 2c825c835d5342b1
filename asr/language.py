"""Which of a session's languages is being spoken, segment by segment.

A language is taken to be spoken on until there is good reason to think otherwise: one segment that is surely in
another one and long enough to tell, or two in a row that agree on it. What is not among the session's languages never
wins. Nothing but what was heard counts, never the time, so that the same audio gives the same languages again.

While a segment's language is undecided, nothing of it is committed; from then on it stays the same to its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asr.hypothesis import Hypothesis, Word, text_of
from livetranslate.language_id import MIN_LETTERS, SURE, identify
from livetranslate.models import Model, primary
from livetranslate.spoken import MAX_CANDIDATES, MAX_LANGUAGE_CHARACTERS

_TRUSTED: Final = 0.5
_PLENTY_LETTERS: Final = 45  # some 3 s of speech: if that does not tell the language, waiting longer only costs time


@dataclass(frozen=True, slots=True)
class Heard:
    """What a segment seems to be spoken in so far.

    Attributes:
        language: One of the candidates as they name it, or another one (BCP-47); empty where nothing is known.
        probability: How sure that is, 0 to 1.
        letter_count: Of the text so far.
    """

    language: str = ""
    probability: float = 0.0
    letter_count: int = 0

    @property
    def is_trusted(self) -> bool:
        """Whether it counts, at least together with what was heard before."""
        return self.probability >= _TRUSTED

    @property
    def is_sure(self) -> bool:
        """Whether it counts by itself."""
        return self.probability >= SURE and self.letter_count >= MIN_LETTERS


def is_told_by_text(model: Model, candidates: Sequence[str]) -> bool:
    """Whether the languages of a model are told by its texts: a `window` model says itself what it has heard."""
    return model.decoding == "sequence" and 1 < len(candidates) <= MAX_CANDIDATES


class LanguageTracker:
    """The language of one session, which it learns from one segment after the other."""

    def __init__(self, candidates: Sequence[str], current: str = "", other: str = "") -> None:
        """Go on where a session was.

        Args:
            candidates: The languages that may be spoken, at least one, first the likeliest.
            current: The language spoken last, if any.
            other: What the last segment seemed to be spoken in instead, if it did.
        """
        self.candidates = tuple(candidates)
        self.current = current if current in candidates else ""
        self.other = other

    @property
    def only(self) -> str:
        """The language, where there is but one; else nothing."""
        return self.candidates[0] if len(self.candidates) == 1 else ""

    def heard(self, hypothesis: Hypothesis, words: Sequence[Word]) -> Heard:
        """What a hypothesis and a segment's words so far tell: the model's own verdict, else that of the text."""
        text = text_of(words)
        letter_count = sum(map(str.isalpha, text))
        if hypothesis.language:
            return Heard(self._named(hypothesis.language), hypothesis.language_probability, letter_count)
        if letter_count < MIN_LETTERS or len(self.candidates) > MAX_CANDIDATES:  # each takes some 25 MB to tell
            return Heard(letter_count=letter_count)
        verdict = identify(text, self.candidates)
        return Heard(*verdict[0], letter_count) if verdict else Heard(letter_count=letter_count)

    def decide(self, heard: Heard, *, is_last: bool) -> str:
        """The language of a segment that is going on or, with `is_last`, has ended; empty while it is undecided."""
        if heard.language in self.candidates:
            is_expected = heard.language in (self.current, self.other)
            if heard.is_sure or (heard.is_trusted and is_expected and heard.letter_count):
                return heard.language
        is_plenty = is_last or heard.letter_count >= _PLENTY_LETTERS
        return self.likeliest(heard) if is_plenty else self.only

    def likeliest(self, heard: Heard) -> str:
        """The language to assume as long as nothing better is known."""
        first = heard.language if heard.is_trusted and heard.language in self.candidates else self.candidates[0]
        return self.current or first

    def leave(self, language: str, heard: Heard) -> str:
        """A segment with words is final; returns a language that is none of the candidates, if it seems to be that.

        Args:
            language: What was decided.
            heard: What was heard of all of it.
        """
        before, self.current = self.other, language
        if heard.is_trusted:
            self.other = "" if heard.language == language else heard.language
        is_stray = heard.is_sure and heard.language not in self.candidates
        return heard.language if is_stray and heard.language != before else ""

    def _named(self, language: str) -> str:
        """A language as the candidates name it, if it is one of them."""
        if language in self.candidates:
            return language
        same = (candidate for candidate in self.candidates if primary(candidate) == primary(language))
        return next(same, language[:MAX_LANGUAGE_CHARACTERS])
