"""What the recognizers of both styles share."""

import numpy as np
import pytest

from asr.hypothesis import Hypothesis, Word
from asr.recognizer import patient, words_of
from livetranslate.errors import InternalError, LiveTranslateError, UnavailableError
from livetranslate.triton import Outputs

NAN = float("nan")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        pytest.param((b"one", 10, 20, 0.5), Word("one", 110, 120, 0.5), id="as-it-is"),
        pytest.param((b" two\n", 10, 20, 0.5), Word("two", 110, 120, 0.5), id="spaces"),
        pytest.param((b"caf\xc3", 10, 20, 0.5), Word("caf\ufffd", 110, 120, 0.5), id="half-a-character"),
        pytest.param((b"one", -30, -20, 0.5), Word("one", 100, 100, 0.5), id="before-the-audio"),
        pytest.param((b"one", 20, 10, 0.5), Word("one", 120, 120, 0.5), id="backwards"),
        pytest.param((b"one", 10, 20, NAN), Word("one", 110, 120, 0.0), id="no-number"),
        pytest.param((b"one", 10, 20, 1.5), Word("one", 110, 120, 1.0), id="surer-than-sure"),
    ],
)
def test_a_word_is_a_sound_one(said: tuple[bytes, int, int, float], word: Word) -> None:
    """Whatever a model says: a text without spaces around it, times that do not go back, a confidence of 0 to 1."""
    text, start, end, confidence = said
    outputs: Outputs = {
        "WORDS": [text, b"", b" \0"],  # the others have nothing to show
        "WORD_START_SAMPLES": np.array([start, 30, 40], np.int32),
        "WORD_END_SAMPLES": np.array([end, 40, 50], np.int32),
        "WORD_CONFIDENCE": np.array([confidence, 0.5, 0.5], np.float32),
    }
    assert words_of(outputs, 100) == (word,)


AWAY = UnavailableError("TRITON_UNAVAILABLE", "away")
BROKEN = InternalError("MODEL_FAILED", "broken")


@pytest.mark.parametrize(
    ("errors", "patience_seconds", "attempts", "raised"),
    [
        pytest.param([], 10, 1, None, id="the-first-will-do"),
        pytest.param([AWAY, AWAY], 10, 3, None, id="it-heals"),
        pytest.param([AWAY, BROKEN, AWAY], 10, 2, BROKEN, id="it-cannot-heal"),
        pytest.param([BROKEN], 10, 1, BROKEN, id="it-never-could"),
        pytest.param([AWAY], 0, 1, AWAY, id="no-patience"),
    ],
)
async def test_what_may_heal_is_tried_again(
    errors: list[LiveTranslateError], patience_seconds: float, attempts: int, raised: LiveTranslateError | None
) -> None:
    """An attempt is made until it goes well, cannot heal, or has lasted too long; the last error is told."""
    made: list[str] = []
    coming = list(errors)

    async def attempt(asked: str) -> Hypothesis:
        made.append(asked)
        if coming:
            raise coming.pop(0)
        return Hypothesis(())

    call = patient(attempt, lambda error: error is AWAY, patience_seconds)
    if raised is None:
        assert await call("step") == Hypothesis(())
    else:
        with pytest.raises(type(raised), match=raised.message):
            await call("step")
    assert made == ["step"] * attempts
