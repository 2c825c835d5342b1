import numpy as np
import pytest

from bench.quality.nothing import NOISE_LEVELS_DBFS, soundscapes


def test_soundscapes_are_as_long_and_as_loud_as_they_say() -> None:
    """Silence is silent, noise has its level, and the music neither clips nor stops; nobody speaks in any."""
    silence, *noises, melody, chords = soundscapes(2.0)
    assert not silence.samples.any()
    for noise, level in zip(noises, NOISE_LEVELS_DBFS, strict=True):
        assert 20 * np.log10(noise.samples.astype(float).std() / 32_767) == pytest.approx(level, abs=0.5)
    for music in (melody, chords):
        assert 3000 < np.abs(music.samples.astype(int)).max() < 32_767
    assert {sound.seconds for sound in (silence, *noises, melody, chords)} == {2.0}
    assert not any(sound.sentences for sound in (silence, *noises, melody, chords))


def test_soundscapes_are_always_the_same() -> None:
    """Two runs hear the same noise and the same notes."""
    for one, other in zip(soundscapes(1.0), soundscapes(1.0), strict=True):
        assert np.array_equal(one.samples, other.samples)
