import importlib.util
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES
from asr.memory import Memory
from asr.results import Progress
from asr.session import AsrOptions
from asr.silero import Floats, Silero
from asr.vad import VadState, VoiceActivityDetector
from livetranslate.audio import decode_file
from tests.asr.driving import Driver
from tests.asr.talk import needs_talk, pause, speech

MEETING = Path(__file__).parents[2] / "demo" / "meeting.flac"


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


def probabilities(detector: VoiceActivityDetector, *parts: Samples) -> npt.NDArray[np.float64]:
    """The probabilities of audio heard from its beginning."""
    return np.array([probability for probability, _ in detector.classify(whole_frames(*parts), b"")])


@pytest.mark.parametrize("frames", [1, 3, 7, 40])
def test_pieces_do_not_matter(detector: VoiceActivityDetector, frames: int) -> None:
    """The same audio has the very same probabilities and memories, however many frames come at a time."""
    samples = whole_frames(silence(5), noise(30), silence(30), noise(3), silence(40), noise(20))
    whole = detector.classify(samples, b"")
    pieces, state = [], b""
    for start in range(0, len(samples), frames * FRAME_SAMPLES):
        pieces += detector.classify(samples[start : start + frames * FRAME_SAMPLES], state)
        state = pieces[-1][1]
    assert max(probability for probability, _ in whole) > 0
    assert pieces == whole


def test_company_does_not_matter(detector: VoiceActivityDetector, meeting: Samples) -> None:
    """Whoever is heard at the same time, and however much of each, a stream has the very same probabilities."""
    whole = detector.classify(whole_frames(meeting), b"")
    random = np.random.default_rng(2)
    for count in (1, 2, 7, 40):
        streams, expected = [], []
        for start in random.integers(0, len(whole) - 20, count):
            end = start + random.integers(1, 20)
            streams.append(
                (meeting[start * FRAME_SAMPLES : end * FRAME_SAMPLES], whole[start - 1][1] if start else b"")
            )
            expected.append(whole[start:end])
        assert detector.classify_together(streams) == expected


def test_silence_is_remembered_in_few_bytes(detector: VoiceActivityDetector) -> None:
    """While the gate is closed there is little to remember, and never more than its bound."""
    sizes = [len(state) for _, state in detector.classify(whole_frames(noise(10), silence(30)), b"")]
    assert (min(sizes), max(sizes)) == (4, 4 + 4 * 320)


@pytest.mark.parametrize("state", [b"abc", b"12345", bytes(4 + 4 * 321)])
def test_garbage_is_refused(state: bytes) -> None:
    """What is no detector's memory is noticed."""
    with pytest.raises(ValueError, match="not a detector's state"):
        VadState.from_bytes(state)


@pytest.fixture(scope="module")
def meeting() -> Samples:
    """Half a minute of speech."""
    return np.concatenate(list(decode_file(MEETING)))


def test_positions_in_speech_are_exact(detector: VoiceActivityDetector, meeting: Samples) -> None:
    """From any position in real speech, with what was remembered there, the same segments are found."""

    def segments(start: int, memory: Memory) -> tuple[list[tuple[int, int]], list[Progress]]:
        driver = Driver(AsrOptions(), start, memory, classify=detector.classify)
        for first in range(start, len(meeting), 1_600):
            driver.session.receive_audio(meeting[first : first + 1_600].tobytes())
            driver.work_to_end()
        driver.session.receive_end()
        driver.work_to_end()
        return [(final.start_sample, final.end_sample) for final in driver.finals], list(driver.positions)

    whole, positions = segments(0, Memory())
    assert len(whole) > 5
    assert len(positions) > len(whole)
    for position in positions:
        again, _ = segments(position.processed_sample, position.memory)
        assert again == [segment for segment in whole if segment[0] >= position.processed_sample]


def test_silence_costs_no_call(detector: VoiceActivityDetector, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the gate the model is not asked, and the probability of speech is zero."""
    calls: list[int] = []
    encode = Silero.encode

    def counted(model: Silero, frames: Floats) -> Floats:
        calls.append(len(frames))
        return encode(model, frames)

    monkeypatch.setattr(Silero, "encode", counted)
    assert not probabilities(detector, pause()).any()
    assert not calls
    probabilities(detector, silence(3), noise(2), silence(17))
    assert calls == [2 + 15]


def test_the_gate_stays_open_for_a_pause(detector: VoiceActivityDetector) -> None:
    """After loud frames the model hears 15 quiet ones more, and then nothing until it is loud again."""
    assert np.flatnonzero(probabilities(detector, noise(4), silence(30))).max() == 4 + 15 - 1


def test_each_opening_starts_anew(detector: VoiceActivityDetector) -> None:
    """What was heard before the gate closed has no part in what is heard after."""
    after = probabilities(detector, noise(10), silence(20), noise(10))[30:]
    assert after.tolist() == probabilities(detector, noise(10)).tolist()


def test_noise_is_not_speech(detector: VoiceActivityDetector) -> None:
    """Loud noise passes the gate and is still not speech."""
    assert np.median(probabilities(detector, noise(60))) < 0.5


@needs_talk
def test_speech_is_found(detector: VoiceActivityDetector) -> None:
    """Most of a spoken sentence is surely speech, and nothing of the pauses around it is."""
    before, spoken, after = pause(20 * FRAME_SAMPLES), whole_frames(speech(1)), pause(60 * FRAME_SAMPLES)
    heard = probabilities(detector, before, spoken, after)
    assert np.mean(heard[20:-60] > 0.5) > 0.8
    assert not heard[:20].any()
    assert heard[-40:].max() < 0.5


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package that carries the model, the error names it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(FileNotFoundError, match=re.escape("install the faster-whisper package")):
        VoiceActivityDetector()
