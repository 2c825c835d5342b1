"""What a recognizer thinks was said."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it was spoken, in samples since the session's first; the end is exclusive."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The words of an utterance so far.

    Attributes:
        words: In the order spoken.
        decoder_state: After the utterance's end: what the next utterance's decoding starts from. Opaque.
        model_seconds: The time the model took.
    """

    words: tuple[Word, ...]
    decoder_state: bytes = b""
    model_seconds: float = 0.0


def text_of(words: Sequence[Word]) -> str:
    """The words as text."""
    return " ".join(word.text for word in words)


def mean_confidence(words: Sequence[Word]) -> float:
    """How sure the recognizer is, 0 to 1; 0 where it does not say."""
    return sum(word.confidence for word in words) / len(words) if words else 0.0
