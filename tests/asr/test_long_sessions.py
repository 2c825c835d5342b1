"""Long sessions: little of them is kept, and nothing is left out."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.audio_buffer import Samples
from asr.endpoint import EndpointOptions
from asr.hypothesis import Hypothesis, Word
from asr.session import AsrOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ
from tests.asr.arrivals import F
from tests.asr.driving import Driver


def hour(seconds: Samples) -> int:
    """Recognizes an hour of the same second and returns the most bytes of audio ever kept."""
    driver = Driver(AsrOptions(), recognize=lambda _step, _heard, _state: Hypothesis((Word("so", 0, 1),)))
    kept = 0
    for _ in range(3600):
        driver.session.receive_audio(seconds.tobytes())
        while driver.work():
            pass
        kept = max(kept, len(driver.session._audio._bytes))
        assert len(driver.session._segments) <= 1
        driver.log.clear()
    return kept


def test_an_hour_of_silence_is_forgotten() -> None:
    """An hour of silence keeps less than a second of audio."""
    assert hour(np.zeros(SAMPLE_RATE_HERTZ, np.int16)) < 2 * SAMPLE_RATE_HERTZ


def test_an_hour_of_speech_is_forgotten() -> None:
    """An hour of speech without a pause keeps no more than may lie after the calmest place of its last part."""
    assert hour(np.full(SAMPLE_RATE_HERTZ, 1000, np.int16)) < 2 * (EndpointOptions().calm_samples + SAMPLE_RATE_HERTZ)


@settings(max_examples=5)
@given(st.integers(), st.floats(0.5, 1.0))
def test_ten_minutes_without_a_pause(seed: int, lowest: float) -> None:
    """A monologue is recognized whole: its segments follow one another without a gap, none longer than allowed."""
    random = Random(seed)
    probabilities = [random.uniform(lowest, 1.0) for _ in range(600 * SAMPLE_RATE_HERTZ // F // 30 * 30)]

    def classify(frames: Samples, state: bytes) -> list[tuple[float, bytes]]:
        first = int(state or b"0")
        return [(probabilities[n], str(n + 1).encode()) for n in range(first, first + len(frames) // F)]

    driver = Driver(AsrOptions(), classify=classify, recognize=lambda _step, _heard, _state: Hypothesis(()))
    kept = []
    for _ in range(0, len(probabilities), 30):
        driver.session.receive_audio(bytes(2 * 30 * F))
        driver.work_to_end()
        kept.append(len(driver.session._audio._bytes))
    driver.session.receive_end()
    driver.work_to_end()
    starts, ends = ([a.sample for a in driver.activities if a.is_start is is_start] for is_start in (True, False))
    assert [0, *ends] == [*starts, len(probabilities) * F]
    assert max(end - start for start, end in zip(starts, ends, strict=True)) <= EndpointOptions().max_samples
    assert max(kept) < 2 * (EndpointOptions().calm_samples + SAMPLE_RATE_HERTZ)
