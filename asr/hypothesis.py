"""What a recognizer thinks was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from livetranslate.words import joined


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it was spoken, in samples since the session's first; the end is exclusive."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The words of an utterance so far, and what the model says of them.

    Attributes:
        words: In the order spoken.
        decoder_state: After the utterance's end: what the next utterance's decoding starts from. Opaque.
        model_seconds: The time the model took.
        language: The language that the model says was spoken (BCP-47); empty where it does not say.
        language_probability: How sure of it the model is, 0 to 1.
        no_speech_probability: How sure the model is that nobody spoke, 0 to 1.
        mean_log_probability: Of the words' tokens, at most 0; 0 where the model does not say.
        compression_ratio: How much shorter the text becomes by compression; high where it repeats itself.
        is_missing: Whether the model had no time for the audio: nothing is known of it.
    """

    words: tuple[Word, ...]
    decoder_state: bytes = b""
    model_seconds: float = 0.0
    language: str = ""
    language_probability: float = 0.0
    no_speech_probability: float = 0.0
    mean_log_probability: float = 0.0
    compression_ratio: float = 0.0
    is_missing: bool = False


def text_of(words: Sequence[Word]) -> str:
    """The words as text."""
    return joined(word.text for word in words)


def mean_confidence(words: Sequence[Word]) -> float:
    """How sure the recognizer is, 0 to 1; 0 where it does not say."""
    return sum(word.confidence for word in words) / len(words) if words else 0.0
