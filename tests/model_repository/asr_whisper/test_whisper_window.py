from typing import Any

import numpy as np
import pytest

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.whisper_text import WordSpan
from tests.model_repository.asr_whisper.conftest import PARAMETERS
from tests.model_repository.loading import load_sibling

module = load_sibling("asr_whisper", "whisper_window")
SECOND = 16_000


def test_padding_is_not_heard() -> None:
    """A window has the samples that are audio, and remembers how long it was made."""
    audio = np.arange(5 * SECOND, dtype=np.int16)
    window = module.Window.of(audio, 2 * SECOND, "en", ["en"], prompt="so", phrases=("a b",))
    np.testing.assert_array_equal(window.samples, audio[: 2 * SECOND])
    assert (window.seconds, window.prompt, window.phrases) == (5, "so", ("a b",))


@pytest.mark.parametrize(
    ("seconds", "length", "language", "message"),
    [
        (31, 31 * SECOND, "en", "hears at most 480000"),
        (31, SECOND, "en", "hears at most 480000"),
        (5, 5 * SECOND + 1, "en", "LENGTH is 80001; it must be 1 to 80000"),
        (5, 0, "en", "LENGTH is 0"),
        (5, SECOND, "eo", "it must be empty or one of en es"),
    ],
)
def test_what_makes_no_sense_is_refused(seconds: int, length: int, language: str, message: str) -> None:
    """Above all audio that would be cut."""
    with pytest.raises(RefusedError, match=message):
        module.Window.of(np.zeros(seconds * SECOND, np.int16), length, language, ["en", "es"])


def test_a_text_may_be_as_long_as_its_window() -> None:
    """Up to what the network can write."""
    window = module.Window(np.zeros(SECOND, np.int16), 5.0)
    assert window.max_tokens(15) == 85
    assert window.max_tokens(100) == 224


def test_frames_come_in_pairs() -> None:
    """Of 10 ms each; the last pair may be of less."""
    assert [module.frames_of(samples) for samples in (1, 320, 321, 480_000)] == [2, 2, 4, 3000]


def test_options_are_checked_when_the_model_loads() -> None:
    """A value that means nothing is no default."""
    assert module.Options.read(PARAMETERS).is_padded
    with pytest.raises(ValueError, match="must be trained or window"):
        module.Options.read({**PARAMETERS, "padding": "30"})


def times(*args: Any) -> list[tuple[str, int, int, float]]:
    return [(word.text, word.start_sample, word.end_sample, word.confidence) for word in module.timed_words(*args)]


def test_a_word_lasts_until_the_next_token() -> None:
    """Its confidence is the mean of its tokens'."""
    path = [(0, 0), (0, 1), (1, 2), (2, 3), (2, 4), (3, 5), (3, 6)]
    spans = [WordSpan("hello", 0, 2), WordSpan("you", 2, 3)]
    assert times(spans, path, [0.5, 1.0, 0.25], 10_000) == [("hello", 0, 960, 0.75), ("you", 960, 1600, 0.25)]


def test_no_word_lasts_longer_than_the_window() -> None:
    """Positions are coarser than samples, and the end may only have the last one."""
    path = [(0, 0), (0, 1), (1, 2), (2, 3)]
    spans = [WordSpan("a", 0, 1), WordSpan("b", 1, 2)]
    assert times(spans, path, [1.0, 1.0], 1000) == [("a", 0, 640, 1.0), ("b", 640, 1000, 1.0)]
    assert times(spans, path, [1.0, 1.0], 500) == [("a", 0, 500, 1.0), ("b", 500, 500, 1.0)]
