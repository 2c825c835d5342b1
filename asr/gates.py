"""Whether a hypothesis is worth showing: what a model says of its own text tells speech from hallucination.

The thresholds are those of Whisper's own decoding (Radford et al., "Robust Speech Recognition via Large-Scale Weak
Supervision", 2022), which decodes again or skips where they are not met. There are no lists of suspicious phrases:
people do say "thank you".
"""

from dataclasses import dataclass

from asr.hypothesis import Hypothesis


@dataclass(frozen=True, slots=True)
class GateOptions:
    """What a hypothesis must meet; a model that does not say a value meets what is asked of it."""

    min_log_probability: float = -1.0  # the mean of the text's tokens
    max_compression_ratio: float = 2.4  # text that repeats itself compresses well
    max_no_speech_probability: float = 0.6  # above it, the text has to be likelier:
    min_log_probability_of_no_speech: float = -0.7


def is_credible(hypothesis: Hypothesis, options: GateOptions) -> bool:
    """Whether it may be shown."""
    seems_silent = hypothesis.no_speech_probability > options.max_no_speech_probability
    least = options.min_log_probability_of_no_speech if seems_silent else options.min_log_probability
    return hypothesis.mean_log_probability >= least and hypothesis.compression_ratio <= options.max_compression_ratio
