import pytest

from asr.gates import GateOptions, is_credible
from asr.hypothesis import Hypothesis, Word

WORDS = (Word("hello", 0, 8_000, 0.5),)


@pytest.mark.parametrize(
    ("no_speech", "log_probability", "compression", "credible"),
    [
        (0.0, 0.0, 0.0, True),  # a model that says nothing of itself
        (0.1, -0.3, 1.4, True),
        (0.1, -1.0, 2.4, True),  # just at the bounds
        (0.6, -1.0, 1.4, True),
        (0.1, -1.01, 1.4, False),  # unsure of its words
        (0.1, -0.3, 2.5, False),  # goes round in circles
        (0.9, -0.5, 1.4, True),  # a sure voice in noise
        (0.9, -0.8, 1.4, False),  # nobody spoke, and the words are doubtful
    ],
)
def test_what_is_shown(no_speech: float, log_probability: float, compression: float, credible: bool) -> None:
    """A hypothesis is shown where its model stands by it."""
    hypothesis = Hypothesis(
        WORDS,
        no_speech_probability=no_speech,
        mean_log_probability=log_probability,
        compression_ratio=compression,
    )
    assert is_credible(hypothesis, GateOptions()) is credible


def test_thresholds_are_options() -> None:
    """Who wants more words sets lower bounds."""
    hypothesis = Hypothesis(WORDS, mean_log_probability=-1.5)
    assert is_credible(hypothesis, GateOptions(min_log_probability=-2))
