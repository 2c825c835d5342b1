import numpy as np

from tests.model_repository.loading import load_sibling

piper_sound = load_sibling("tts_piper", "piper_sound")


def test_speech_is_as_loud_as_can_be() -> None:
    """The loudest sample is the largest number; almost silence stays quiet."""
    assert piper_sound.to_samples(np.array([0.0, 0.25, -0.5], np.float32)).tolist() == [0, 16_384, -32_767]
    assert abs(piper_sound.to_samples(np.array([1e-4], np.float32))[0]) < 400
    assert piper_sound.to_samples(np.zeros(0, np.float32)).dtype == np.int16
