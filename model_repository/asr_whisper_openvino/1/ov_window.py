"""What is asked: a window of one session; and how the model is to answer it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.log_mel import SAMPLE_RATE_HERTZ
from livetranslate.engine.whisper_text import MAX_SECONDS, MAX_TEXT_TOKENS

MAX_SAMPLES = MAX_SECONDS * SAMPLE_RATE_HERTZ
EXTRA_TOKENS = 10  # beside those that a second may have: punctuation, rare names


@dataclass(frozen=True, slots=True)
class Options:
    """A model's parameters.

    Attributes:
        device: What to run on; see `ov_devices`.
        precision: Of the encoder, e.g. `f32`; empty for what its device prefers.
        languages: What may be spoken.
        tokens_per_second: More than that can only be a loop.
    """

    device: str
    precision: str
    languages: tuple[str, ...]
    tokens_per_second: float

    @classmethod
    def read(cls, parameters: Mapping[str, str], device: str = "") -> Self:
        """Those of a configuration; another device may be set from outside."""
        return cls(
            device or parameters["device"],
            parameters["precision"],
            tuple(parameters["languages"].split()),
            float(parameters["tokens_per_second"]),
        )


@dataclass(frozen=True, slots=True)
class Window:
    """What is to be heard.

    Attributes:
        samples: INT16, 16 kHz, without what they were padded with.
        language: What is spoken; empty: find out.
        prompt: What was said before.
        phrases: What is likely to be said.
    """

    samples: Any
    language: str = ""
    prompt: str = ""
    phrases: tuple[str, ...] = ()

    @classmethod
    def of(cls, audio: Any, length: int, language: str, options: Options, **hints: Any) -> Self:
        """The first `length` samples of `audio`.

        Raises:
            RefusedError: That is no window, or more than Whisper can hear; or the language is none of the model's.
        """
        if not 0 < length <= len(audio):
            raise RefusedError(f"LENGTH is {length:,}; it must be 1 to {len(audio):,}, the number of samples in AUDIO")
        if length > MAX_SAMPLES:
            raise RefusedError(f"LENGTH is {length:,}; Whisper hears at most {MAX_SAMPLES:,} samples (30 s) at a time")
        if language and language not in options.languages:
            raise RefusedError(f"LANGUAGE is {language!r}; it must be empty or one of {' '.join(options.languages)}")
        return cls(audio[:length], language, **hints)

    def max_tokens(self, tokens_per_second: float) -> int:
        """How long the text may become before it can only be a loop."""
        seconds = len(self.samples) / SAMPLE_RATE_HERTZ
        return min(MAX_TEXT_TOKENS, int(EXTRA_TOKENS + tokens_per_second * seconds))
