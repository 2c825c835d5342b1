import numpy as np
import numpy.typing as npt
import pytest

from livetranslate.engine.log_mel import LogMel, band_hertz, mel_filters

FRAMES = 3000


def noise(seconds: float, seed: int = 0, level: float = 3000) -> npt.NDArray[np.int16]:
    generator = np.random.default_rng(seed)
    return (generator.standard_normal(int(16_000 * seconds)) * level).astype(np.int16)


@pytest.mark.parametrize("bands", [80, 128])
def test_the_bands_are_those_whisper_was_trained_on(bands: int) -> None:
    """The filters equal those of faster-whisper."""
    from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415 - loads much

    theirs = FeatureExtractor(feature_size=bands).mel_filters
    np.testing.assert_allclose(mel_filters(bands), theirs, atol=1e-7)
    assert np.argmax(theirs[40]) == pytest.approx(band_hertz(bands)[40] / 40, abs=1)


@pytest.mark.parametrize("seconds", [0.01, 0.5, 3.3333, 29.995, 30.0])
def test_a_spectrogram_is_that_of_the_padded_window(seconds: float) -> None:
    """However short the audio: the same as computing all thirty seconds."""
    from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415 - loads much

    samples = noise(seconds)
    padded = np.pad(samples, (0, 60 * 16_000 - len(samples))).astype(np.float32) / 32_768
    theirs = FeatureExtractor()(padded, padding=0)[:, :FRAMES]
    np.testing.assert_allclose(LogMel(80)([samples], FRAMES)[0], theirs, atol=2e-4)


def test_no_window_changes_another() -> None:
    """A loud window does not drown a soft one of the same batch."""
    log_mel = LogMel(80)
    soft, loud = noise(2, seed=1, level=3), noise(3, seed=2, level=20_000)
    together = log_mel([soft, loud], FRAMES)
    np.testing.assert_array_equal(together[0], log_mel([soft], FRAMES)[0])
    np.testing.assert_array_equal(together[1], log_mel([loud], FRAMES)[0])


def test_digital_silence_has_a_spectrogram() -> None:
    """Of the least power there is, without a warning."""
    silence = LogMel(80)([np.zeros(16_000, np.int16)], FRAMES)
    assert silence.shape == (1, 80, FRAMES)
    assert np.unique(silence) == pytest.approx(-1.5)
