import numpy as np
import pytest

from livetranslate.engine.sound import pace, parts, trim


@pytest.mark.parametrize(
    ("rate", "expected"), [(1.0, 1.0), (0.1, 0.5), (9.0, 2.0), (float("inf"), 2.0), (float("nan"), 0.5)]
)
def test_a_pace_has_bounds(rate: float, expected: float) -> None:
    """What is no number is slow."""
    assert pace(rate) == expected


def test_silence_around_speech_is_cut() -> None:
    """A margin stays on both sides."""
    samples = np.concatenate([np.zeros(500), np.full(100, 1000), np.full(300, 5)]).astype(np.int16)
    assert trim(samples, 10).tolist() == [0] * 10 + [1000] * 100 + [5] * 10
    assert trim(np.array([0, 0, 0.5, 0], np.float32), 1).tolist() == [0, 0.5, 0]


def test_silence_within_speech_stays() -> None:
    """Only the ends are cut."""
    assert trim(np.array([1000, 0, 0, 0, 1000], np.int16), 0).size == 5


def test_of_silence_nothing_is_left() -> None:
    """Nor of nothing."""
    assert trim(np.zeros(100, np.int16), 10).size == 0
    assert trim(np.zeros(0, np.float32), 10).size == 0


def test_the_loudest_negative_number_is_loud() -> None:
    """Its magnitude does not fit its type."""
    assert trim(np.array([0, -32_768, 0], np.int16), 10).size == 3


def test_parts_have_a_bound() -> None:
    """Together they are all samples."""
    found = list(parts(np.arange(2500, dtype=np.int16), 1000))
    assert [part.size for part in found] == [1000, 1000, 500]
    assert np.concatenate(found).tolist() == list(range(2500))
