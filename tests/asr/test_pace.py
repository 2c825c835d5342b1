"""Sessions that are asked to follow the speaker less closely."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from asr.pace import CLOSELY, Pace
from asr.session import AsrOptions
from tests.asr.arrivals import OPTIONS, Arrival, F, arrivals, drive, sound
from tests.asr.driving import Driver
from tests.asr.test_window_session import WINDOWED, WINDOWS, check_nothing_is_lost, count

WIDE = Pace(step_samples=9 * F)
NOTHING_YET = Pace(is_final_only=True)

paces = st.lists(st.sampled_from([CLOSELY, WIDE, Pace(step_samples=40 * F), NOTHING_YET]), max_size=20)


def drive_at(paces: Sequence[Pace], arrival: Arrival, options: AsrOptions, **driver: Any) -> Driver:
    """Drives a session whose pace changes with each message of two frames, and then is close."""
    driven = Driver(options, **driver)
    coming, samples = iter(paces), arrival.samples
    for start in range(0, len(samples), 2 * F):
        driven.session.receive_pace(next(coming, CLOSELY))
        driven.session.receive_audio(samples[start : start + 2 * F].tobytes())
        driven.work_to_end()
    driven.session.receive_end()
    driven.work_to_end()
    return driven


@settings(max_examples=60)
@given(arrivals, paces)
def test_finals_are_the_same_at_any_pace(arrival: Arrival, paces: Sequence[Pace]) -> None:
    """A model that remembers is asked for the same steps, and every final has the same words at the same places."""
    closely = drive(arrival.samples)
    driven = drive_at(paces, dataclasses.replace(arrival, flushes=set()), OPTIONS)
    assert [step.samples.tobytes() for step in driven.steps] == [step.samples.tobytes() for step in closely.steps]
    assert [dataclasses.replace(final, number=0) for final in driven.finals] == [
        dataclasses.replace(final, number=0) for final in closely.finals
    ]


def test_partials_are_so_far_apart() -> None:
    """Between two partial revisions of a segment lies at least a step; the model's own steps are of 3 frames."""
    driver = Driver(OPTIONS)
    driver.session.receive_pace(WIDE)
    driver.session.receive_audio(sound([(True, 28), (False, 10)]).tobytes())
    driver.work_to_end()
    partials = [revision.decoded_sample for revision in driver.revisions if not revision.is_final]
    assert partials == [10 * F, 19 * F, 28 * F]


def test_there_are_only_finals() -> None:
    """Where only finals are wanted, no other revision comes, until partials are wanted again."""
    driver = Driver(OPTIONS)
    driver.session.receive_pace(NOTHING_YET)
    driver.session.receive_audio(sound([(True, 20), (False, 10), (True, 15)]).tobytes())
    driver.work_to_end()
    assert [revision.is_final for revision in driver.revisions] == [True]
    driver.session.receive_pace(CLOSELY)
    driver.session.receive_audio(sound([(True, 8)]).tobytes())
    driver.work_to_end()
    assert [revision.is_final for revision in driver.revisions[1:]].count(False) > 1


@settings(max_examples=60)
@given(arrivals, paces)
def test_windows_lose_no_word_at_any_pace(arrival: Arrival, paces: Sequence[Pace]) -> None:
    """Committed words only grow, finals have every stretch of their segments, and no window outgrows its model."""
    driver = drive_at(paces, arrival, WINDOWED, recognize=count)
    check_nothing_is_lost(driver)
    assert all(len(step.samples) <= WINDOWS.max_samples for step in driver.steps)
