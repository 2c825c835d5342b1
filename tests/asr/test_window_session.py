"""Sessions whose segments are decoded window by window."""

import dataclasses
from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.audio_buffer import Samples
from asr.endpoint import FRAME_SAMPLES
from asr.hypothesis import Hypothesis, Word
from asr.session import AsrOptions, DecodeStep
from asr.window_decoding import WindowDecoding, WindowOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ
from tests.asr.arrivals import OPTIONS, Arrival, arrivals, drive, send, spoken
from tests.asr.driving import WORD_SAMPLES, Driver

F = FRAME_SAMPLES
WINDOWS = WindowOptions(max_samples=20 * F, first_samples=3 * F, step_samples=4 * F, trim_samples=10 * F)
WINDOWED = dataclasses.replace(OPTIONS, new_decoding=partial(WindowDecoding, WINDOWS))


def count(step: DecodeStep, _heard: Samples, _state: bytes) -> Hypothesis:
    """A recognizer that hears the number of each stretch of audio; the last one may be half heard."""
    first = -(-step.start_sample // WORD_SAMPLES) * WORD_SAMPLES
    starts = range(first, step.end_sample, WORD_SAMPLES)
    return Hypothesis(
        tuple(Word(f"w{start // WORD_SAMPLES}", start, min(start + WORD_SAMPLES, step.end_sample)) for start in starts)
    )


@given(arrivals)
def test_arrival_does_not_matter(arrival: Arrival) -> None:
    """However audio is cut into messages, its windows, words and finals are the same."""
    one = drive(arrival.samples, flushes=arrival.flushes, options=WINDOWED)
    other = dataclasses.replace(arrival, fails_at=set()).drive(WINDOWED)
    assert spoken(one) == spoken(other)


@settings(max_examples=60)
@given(arrivals)
def test_every_position_is_one_to_go_on_from(arrival: Arrival) -> None:
    """From each position told, a session that knows nothing else has the same windows, revisions and finals."""
    whole = dataclasses.replace(arrival, fails_at=set()).drive(WINDOWED)
    for position in whole.positions:
        first = position.processed_sample
        flushes = [place - first for place in arrival.flushes if place >= first]
        again = drive(arrival.samples[first:], flushes=flushes, options=WINDOWED, start=position)
        assert spoken(again) == [entry for entry in spoken(whole) if entry[0] >= first]


@given(arrivals, st.lists(st.booleans(), max_size=30))
def test_missed_windows_lose_no_word(arrival: Arrival, missed: list[bool]) -> None:
    """Whichever partials are missed: committed words only grow, and finals have every stretch of their segments."""
    misses = list(missed)

    def recognize(step: DecodeStep, heard: Samples, state: bytes) -> Hypothesis:
        is_missed = not step.is_end and bool(misses) and misses.pop()
        return Hypothesis((), is_missing=True) if is_missed else count(step, heard, state)

    driver = Driver(WINDOWED, recognize=recognize)
    send(driver, arrival.samples, cuts=arrival.cuts, flushes=arrival.flushes, work_counts=arrival.work_counts)
    driver.work_to_end()
    check_nothing_is_lost(driver)


def check_nothing_is_lost(driver: Driver) -> None:
    """Checks that committed words only grew, and that finals have every stretch of their segments."""
    committed: dict[str, tuple[Word, ...]] = {}
    for revision in driver.revisions:
        before = committed.get(revision.segment_id, ())
        assert revision.committed[: len(before)] == before
        committed[revision.segment_id] = revision.committed
    for final in driver.finals:
        numbers = [int(word.text[1:]) for word in final.committed]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert final.start_sample <= numbers[0] * WORD_SAMPLES < final.start_sample + WORD_SAMPLES
        assert final.end_sample <= (numbers[-1] + 1) * WORD_SAMPLES


def test_an_hour_of_speech_is_forgotten() -> None:
    """An hour of speech without a pause keeps no more audio than a window and what comes meanwhile."""
    windows = WindowOptions(max_samples=10 * SAMPLE_RATE_HERTZ)
    driver = Driver(AsrOptions(new_decoding=partial(WindowDecoding, windows)), recognize=count)
    kept = 0
    for _ in range(3600):
        driver.session.receive_audio(np.full(SAMPLE_RATE_HERTZ, 1000, np.int16).tobytes())
        driver.work_to_end()
        assert all(len(step.samples) <= windows.max_samples for step in driver.steps)
        kept = max(kept, len(driver.session._audio._bytes))
        driver.log.clear()
    assert kept < 2 * (windows.max_samples + 3 * SAMPLE_RATE_HERTZ)
