"""Where a transcript that grows can be cut into clauses, each to be translated once.

A clause is cut off when the word after it is there, and by nothing else than the words of the clause, that one word
and the pause between: what is said of the first words of a text never changes, whatever comes after them and in
whatever portions it comes. So a transcript that is received again gives the same clauses. (A transcript's last word may
still get a mark, its closing full stop; therefore it decides as a word without marks, and belongs to no clause yet.)

How such units serve simultaneous translation was studied by Fügen, Waibel and Kolss, "Simultaneous translation of
lectures and speeches" (Machine Translation 21, 2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from livetranslate.glossary import Glossary
from livetranslate.samples import samples_of_ms
from mt.clause_words import clause_words
from mt.job import Segment
from mt.marks import has_clause_mark, has_final_mark
from mt.sentences import ends_sentence
from mt.tokens import Token, tokens_of

# Measured with Apertium, English to Spanish, on sentences of 13 words: clauses are 6 words long and BLEU stays that of
# whole sentences. A least of 2 or 4 words changes little; clauses that are cut wherever they have 6 words lose a tenth.
_LEAST_WORDS = 3
_MANY_WORDS = 6  # from here on a preposition is a place to cut, too
_MOST_WORDS = 12  # from here on every word is that binds nothing
_LIMIT_WORDS = 24  # here it is cut, whatever is there: a clause is bounded, and so is the wait for it
_PAUSE_SAMPLES = samples_of_ms(300)  # within a phrase, people pause less


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a transcript.

    Attributes:
        text: As it is written.
        start: Its first character's place in the transcript.
        end_sample: Where its last word ends; 0 where that is not known.
    """

    text: str
    start: int
    end_sample: int

    @property
    def end(self) -> int:
        """The place after its last character."""
        return self.start + len(self.text)


class ClauseCutter:
    """Cuts the transcript of one segment while it grows."""

    def __init__(self, language: str, glossary: Glossary, *, into_sentences: bool = False) -> None:
        """Begin with nothing.

        Args:
            language: The one that is spoken.
            glossary: Terms that are never cut in two.
            into_sentences: Cut at the ends of sentences only.
        """
        self.end = 0  # characters of the transcript that are in clauses
        self._judged = 0  # characters of it that were looked at: what was said of them stands
        self._language = language
        self._words = clause_words(language)
        self._glossary = glossary
        self._into_sentences = into_sentences

    def cut(self, segment: Segment) -> list[Clause]:
        """The clauses that a revision completes; a final one completes the last."""
        text = segment.committed_text
        tokens = tokens_of(text, segment.words, self.end)
        clauses, first = [], 0
        for place, (token, following) in enumerate(pairwise(tokens), 1):
            if token.end <= self._judged:
                continue
            self._judged = token.end
            if self._is_complete(tokens[max(first, place - _LIMIT_WORDS) : place], following):
                clauses.append(_clause(text, tokens[first:place]))
                first = place
        if segment.is_final and tokens:
            clauses.append(_clause(text, tokens[first:]))
        if clauses:
            self.end = clauses[-1].end
        return clauses

    def _is_complete(self, tokens: Sequence[Token], following: Token) -> bool:
        """Whether a clause ends before the word that follows; of a long sentence `tokens` are the last."""
        is_limit = len(tokens) >= _LIMIT_WORDS and not self._into_sentences
        if self._ends_sentence(tokens, following) or is_limit or self._is_parted(tokens, following):
            return is_limit or not self._is_in_term(tokens, following)
        return False

    def _ends_sentence(self, tokens: Sequence[Token], following: Token) -> bool:
        return has_final_mark(tokens[-1].text) and ends_sentence(_text(tokens), following.bare, self._language)

    def _is_parted(self, tokens: Sequence[Token], following: Token) -> bool:
        """Whether a mark, a pause or a word parts what follows from the clause, or it has become too long."""
        last = tokens[-1]
        if self._into_sentences or len(tokens) < _LEAST_WORDS:
            return False
        if has_clause_mark(last.text):
            return True
        if self._words.binds(last.bare):
            return False
        return (
            _pause_between(last, following) >= _PAUSE_SAMPLES
            or self._words.opens(following.bare)
            or (len(tokens) >= _MANY_WORDS and self._words.opens_phrase(following.bare))
            or len(tokens) >= _MOST_WORDS
        )

    def _is_in_term(self, tokens: Sequence[Token], following: Token) -> bool:
        """Whether a term of the glossary goes on in the word that follows, or may do so with the words after it."""
        words = [token.text for token in tokens]
        if not self._glossary.terms or not self._glossary.could_continue(words):
            return False
        clause = _text(tokens)
        terms = self._glossary.find(f"{clause} {following.bare}")
        return self._glossary.could_continue([*words, following.bare]) or any(
            start < len(clause) < end for start, end, _ in terms
        )


def _clause(text: str, tokens: Sequence[Token]) -> Clause:
    start, end = tokens[0].start, tokens[-1].end
    return Clause(text[start:end], start, tokens[-1].end_sample or 0)


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _pause_between(token: Token, following: Token) -> int:
    if token.end_sample is None or following.start_sample is None:
        return 0
    return following.start_sample - token.end_sample
