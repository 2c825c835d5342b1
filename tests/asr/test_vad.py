import importlib.util
import re

import numpy as np
import numpy.typing as npt
import pytest

from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES
from asr.vad import Probabilities, VadState, VoiceActivityDetector
from tests.asr.talk import needs_talk, pause, speech


@pytest.fixture(scope="module")
def detector() -> VoiceActivityDetector:
    return VoiceActivityDetector()


def whole_frames(*parts: Samples) -> Samples:
    samples = np.concatenate(parts)
    return samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]


def noise(frames: int) -> Samples:
    return np.random.default_rng(1).normal(0, 3000, frames * FRAME_SAMPLES).astype(np.int16)


def silence(frames: int) -> Samples:
    return np.zeros(frames * FRAME_SAMPLES, np.int16)


def by_pieces(detector: VoiceActivityDetector, samples: Samples, frames: int) -> Probabilities:
    """The probabilities when so many frames come at a time."""
    state = VadState()
    size = frames * FRAME_SAMPLES
    pieces = [samples[start : start + size] for start in range(0, len(samples), size)]
    return np.concatenate([detector.probabilities(piece, state) for piece in pieces])


@pytest.mark.parametrize("frames", [1, 3, 7, 40])
def test_pieces_do_not_matter(detector: VoiceActivityDetector, frames: int) -> None:
    """The same audio has the same probabilities, however many frames come at a time, also as the gate opens."""
    samples = whole_frames(silence(5), noise(30), silence(30), noise(3), silence(40), noise(20))
    whole = detector.probabilities(samples, VadState())
    assert whole.max() > 0
    np.testing.assert_allclose(by_pieces(detector, samples, frames), whole, atol=1e-5)


def test_silence_costs_no_call(detector: VoiceActivityDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the gate the model is not asked, and the probability of speech is zero."""
    calls: list[int] = []
    run_model = detector._run_model

    def counted(frames: npt.NDArray[np.float32], state: VadState) -> Probabilities:
        calls.append(len(frames))
        return run_model(frames, state)

    monkeypatch.setattr(detector, "_run_model", counted)
    assert not detector.probabilities(whole_frames(pause()), VadState()).any()
    assert not calls
    detector.probabilities(noise(2), VadState())
    assert calls == [2]


def test_the_gate_stays_open_for_a_pause(detector: VoiceActivityDetector) -> None:
    """After loud frames the model hears 15 quiet ones more, and then nothing until it is loud again."""
    probabilities = detector.probabilities(whole_frames(noise(4), silence(30)), VadState())
    assert np.flatnonzero(probabilities).max() == 4 + 15 - 1


def test_each_opening_starts_anew(detector: VoiceActivityDetector) -> None:
    """What was heard before the gate closed has no part in what is heard after."""
    after = detector.probabilities(whole_frames(noise(10), silence(20), noise(10)), VadState())[30:]
    np.testing.assert_allclose(after, detector.probabilities(noise(10), VadState()), atol=1e-5)


def test_noise_is_not_speech(detector: VoiceActivityDetector) -> None:
    """Loud noise passes the gate and is still not speech."""
    assert np.median(detector.probabilities(noise(60), VadState())) < 0.5


@needs_talk
def test_speech_is_found(detector: VoiceActivityDetector) -> None:
    """Most of a spoken sentence is surely speech, and nothing of the pauses around it is."""
    before, spoken, after = pause(20 * FRAME_SAMPLES), whole_frames(speech(1)), pause(60 * FRAME_SAMPLES)
    probabilities = detector.probabilities(np.concatenate([before, spoken, after]), VadState())
    assert np.mean(probabilities[20:-60] > 0.5) > 0.8
    assert not probabilities[:20].any()
    assert probabilities[-40:].max() < 0.5


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that carries the model, the error names it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(FileNotFoundError, match=re.escape("install the faster-whisper package")):
        VoiceActivityDetector()
