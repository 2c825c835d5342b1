import numpy as np

from tests.model_repository.loading import load_sibling

piper_sound = load_sibling("tts_piper", "piper_sound")

RATE = 1000


def test_speech_is_as_loud_as_can_be() -> None:
    """The loudest sample is the largest number; almost silence stays quiet."""
    assert piper_sound.to_samples(np.array([0.0, 0.25, -0.5], np.float32)).tolist() == [0, 16_384, -32_767]
    assert abs(piper_sound.to_samples(np.array([1e-4], np.float32))[0]) < 400
    assert piper_sound.to_samples(np.zeros(0, np.float32)).dtype == np.int16


def test_silence_around_speech_is_cut() -> None:
    """A margin of ten milliseconds stays on both sides."""
    samples = np.concatenate([np.zeros(500), np.full(100, 1000), np.full(300, 5)]).astype(np.int16)
    assert piper_sound.trim(samples, RATE).tolist() == [0] * 10 + [1000] * 100 + [5] * 10


def test_silence_within_speech_stays() -> None:
    """Only the ends are cut."""
    samples = np.array([1000, 0, 0, 0, 1000], np.int16)
    assert piper_sound.trim(samples, RATE).size == 5


def test_of_silence_nothing_is_left() -> None:
    """Nor of nothing."""
    assert piper_sound.trim(np.zeros(100, np.int16), RATE).size == 0
    assert piper_sound.trim(np.zeros(0, np.int16), RATE).size == 0


def test_the_loudest_negative_number_is_loud() -> None:
    """Its magnitude does not fit its type."""
    assert piper_sound.trim(np.array([0, -32_768, 0], np.int16), RATE).size == 3


def test_parts_are_at_most_a_second() -> None:
    """Together they are all samples."""
    parts = list(piper_sound.parts(np.arange(2500, dtype=np.int16), RATE))
    assert [part.size for part in parts] == [1000, 1000, 500]
    assert np.concatenate(parts).tolist() == list(range(2500))
