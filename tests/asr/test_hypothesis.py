import pytest

from asr.hypothesis import Word, mean_confidence, text_of

WORDS = [Word("good", 0, 10, 0.5), Word("morning", 10, 20, 1.0)]


def test_text_is_the_words_in_order() -> None:
    """Words are joined by spaces."""
    assert text_of(WORDS) == "good morning"
    assert text_of([]) == ""


def test_confidence_is_the_mean() -> None:
    """The confidence of words is their mean; that of nothing is nothing."""
    assert mean_confidence(WORDS) == pytest.approx(0.75)
    assert mean_confidence([]) == 0
