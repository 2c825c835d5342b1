"""What Whisper is asked, and when the words of its answer were said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.log_mel import HOP_SAMPLES, SAMPLE_RATE_HERTZ
from livetranslate.engine.transcript import Word
from livetranslate.engine.whisper_text import MAX_SECONDS, MAX_TEXT_TOKENS, WordSpan

MAX_SAMPLES = MAX_SECONDS * SAMPLE_RATE_HERTZ
POSITION_SAMPLES = 2 * HOP_SAMPLES  # the encoder halves the frames
EXTRA_TOKENS = 10  # beside those that a second may have: punctuation, rare names


@dataclass(frozen=True)
class Options:
    """How to decode, from a model's parameters."""

    languages: tuple[str, ...]
    beam_size: int
    is_padded: bool  # to thirty seconds, whatever the window's length
    tokens_per_second: float

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "Options":
        """Raises ValueError where a parameter makes no sense."""
        if parameters["padding"] not in {"trained", "window"}:
            raise ValueError(f"the parameter padding is {parameters['padding']!r}; it must be trained or window")
        return cls(
            languages=tuple(parameters["languages"].split()),
            beam_size=int(parameters["beam_size"]),
            is_padded=parameters["padding"] == "trained",
            tokens_per_second=float(parameters["tokens_per_second"]),
        )


@dataclass(frozen=True)
class Window:
    """One window of one session; `samples` without padding, `seconds` with it."""

    samples: Any
    seconds: float
    language: str = ""  # empty: find out
    prompt: str = ""
    phrases: tuple[str, ...] = ()

    @classmethod
    def of(cls, audio: Any, length: int, language: str, languages: Sequence[str], **hints: Any) -> "Window":
        """One that makes sense.

        Raises:
            RefusedError: The audio is longer than the network can hear, or there is none; or the language is unknown.
        """
        if not 0 < length <= len(audio):
            raise RefusedError(f"LENGTH is {length}; it must be 1 to {len(audio)}, the number of samples in AUDIO")
        if len(audio) > MAX_SAMPLES:
            raise RefusedError(f"AUDIO has {len(audio)} samples; Whisper hears at most {MAX_SAMPLES} (30 s) at a time")
        if language and language not in languages:
            raise RefusedError(f"LANGUAGE is {language!r}; it must be empty or one of {' '.join(languages)}")
        return cls(audio[:length], len(audio) / SAMPLE_RATE_HERTZ, language, **hints)

    def max_tokens(self, tokens_per_second: float) -> int:
        """How long the text may become before it can only be a loop."""
        return min(MAX_TEXT_TOKENS, int(EXTRA_TOKENS + tokens_per_second * self.seconds))


def frames_of(sample_count: int) -> int:
    """How many frames of a spectrogram so much audio has; even, as the encoder takes two at a time."""
    return -(-sample_count // POSITION_SAMPLES) * 2


def timed_words(
    spans: Sequence[WordSpan],
    path: Sequence[tuple[int, int]],
    token_probabilities: Sequence[float],
    sample_count: int,
) -> tuple[Word, ...]:
    """Words with their times and how sure the network was of them.

    Args:
        spans: The words' tokens.
        path: Which token belongs to which of the encoder's positions, both never falling; after the last token of the
            text comes its end.
        token_probabilities: One for each token.
        sample_count: How long the window is.
    """
    starts: dict[int, int] = {}
    for token, position in path:
        starts.setdefault(token, position * POSITION_SAMPLES)
    if path and starts[path[-1][0]] == path[-1][1] * POSITION_SAMPLES:
        starts[path[-1][0]] = sample_count  # the end had to be given some position: the last word lasts as long as all
    return tuple(
        Word(
            span.text,
            min(starts[span.first], sample_count),
            min(starts[span.end], sample_count),
            sum(token_probabilities[span.first : span.end]) / (span.end - span.first),
        )
        for span in spans
    )
