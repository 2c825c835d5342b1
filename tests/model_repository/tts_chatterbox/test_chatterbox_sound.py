from typing import Any

import numpy as np
import pytest

from tests.model_repository.loading import load_sibling

chatterbox_sound = load_sibling("tts_chatterbox", "chatterbox_sound")

RATE = 24_000
TONE = (0.5 * np.sin(2 * np.pi * 200 * np.arange(2 * RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.25, 2.0])
def test_hurried_speech_keeps_its_pitch(rate: float) -> None:
    """It is shorter by the rate, and neither its pitch nor its loudness changes."""
    hurried = chatterbox_sound.hurry(TONE, rate)
    assert hurried.size == round(TONE.size / rate)
    middle = hurried[2000:-2000]
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings / 2 / (middle.size / RATE) == pytest.approx(200, abs=2)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize("sound", [TONE[:500], TONE[:0]])
def test_what_is_too_short_to_hurry_stays(sound: Any) -> None:
    """So does all that nobody hurries."""
    assert chatterbox_sound.hurry(sound, 1.5) is sound
    assert chatterbox_sound.hurry(TONE, 1.0) is TONE


def test_samples_are_clipped() -> None:
    """What is too loud, or no number, harms nobody's ears."""
    sound = np.array([0, 0.5, 2, -2, np.nan, np.inf], np.float32)
    assert list(chatterbox_sound.to_samples(sound)) == [0, 16_384, 32_767, -32_767, 0, 32_767]
