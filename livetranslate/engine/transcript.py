"""What a recognizer says of some audio, and the tensors that say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Word:
    """A recognized word; samples count from the first of the audio, the end exclusive."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float  # 0 where unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a window; numbers are 0 where nothing is known.

    Attributes:
        words: In their order.
        language: What was spoken.
        language_probability: How sure that is.
        no_speech_probability: That nobody spoke.
        mean_log_probability: Of the tokens.
        compression_ratio: Of the text; see `livetranslate.engine.whisper_text`.
    """

    words: tuple[Word, ...]
    language: str
    language_probability: float
    no_speech_probability: float
    mean_log_probability: float
    compression_ratio: float


def word_outputs(words: Sequence[Word]) -> dict[str, Any]:
    """The output tensors of any recognizer's words."""
    return {
        "WORDS": [word.text for word in words],
        "WORD_START_SAMPLES": np.array([word.start_sample for word in words], np.int32),
        "WORD_END_SAMPLES": np.array([word.end_sample for word in words], np.int32),
        "WORD_CONFIDENCE": np.array([word.confidence for word in words], np.float32),
    }


def transcript_outputs(said: Transcript) -> Mapping[str, Any]:
    """All output tensors of a window recognizer."""
    return word_outputs(said.words) | {
        "NO_SPEECH_PROBABILITY": np.array([said.no_speech_probability], np.float32),
        "MEAN_LOG_PROBABILITY": np.array([said.mean_log_probability], np.float32),
        "COMPRESSION_RATIO": np.array([said.compression_ratio], np.float32),
        "LANGUAGE": [said.language],
        "LANGUAGE_PROBABILITY": np.array([said.language_probability], np.float32),
    }
