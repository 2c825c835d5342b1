"""How hard it is to keep up, and what is left out because of that."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from gateway.degradation import Degradation
from gateway.pressure import HARDER_SECONDS, LOOP_DELAY, MILDER_SECONDS, QUEUE_WAIT, Bounds, Pressure
from livetranslate.load import Load

BOUNDS = Bounds(queue_wait_seconds=0.5, loop_delay_seconds=0.1)
BUSY, EASY, CALM = Load(queue_wait_seconds=0.6), Load(queue_wait_seconds=0.3), Load(queue_wait_seconds=0.2)
NONE, WIDER, NO_DRAFTS, NO_PARTIALS = Degradation


def lasting(pressure: Pressure, load: Load, seconds: float, start: float = 0.0) -> list[Degradation]:
    """What is left out while a service tells the same every second, looked at each quarter of a second."""
    looks = []
    for quarter in range(round(seconds * 4) + 1):
        now = start + quarter / 4
        if quarter % 4 == 0:
            pressure.receive("asr", load, now)
        looks.append(pressure.update(now))
    return looks


def changes(looks: Sequence[Degradation]) -> list[tuple[float, Degradation]]:
    """When each step was taken."""
    return [(place / 4, now) for place, (before, now) in enumerate(pairwise(looks), start=1) if now != before]


def test_the_worst_share_of_a_bound_counts() -> None:
    """Of all services and of both figures, each compared with its own bound."""
    pressure = Pressure(BOUNDS)
    pressure.receive("asr", Load(0.4, 0.01), 0)
    pressure.receive("mt", Load(0.1, 0.09), 0)
    pressure.receive("gateway", Load(0, 0.02), 0)
    worst = pressure.worst(0)
    assert (worst.source, worst.measure, worst.seconds, worst.bound_seconds) == ("mt", LOOP_DELAY, 0.09, 0.1)
    assert worst.ratio == pytest.approx(0.9)
    assert not worst.is_over
    pressure.receive("asr", Load(0.51, 0.01), 0)
    worst = pressure.worst(0)
    assert (worst.source, worst.measure, worst.is_over) == ("asr", QUEUE_WAIT, True)


def test_of_several_replicas_the_busiest_counts() -> None:
    """However many streams of the others tell after it."""
    pressure = Pressure(BOUNDS)
    for place in range(300):
        pressure.receive("asr", BUSY if place == 0 else CALM, place / 300)
    assert pressure.worst(1).is_over


@pytest.mark.parametrize(("seconds", "counts"), [(1.2, True), (2.6, False), (3600.0, False)])
def test_what_was_told_long_ago_does_not_count(seconds: float, *, counts: bool) -> None:
    """Each stream tells once a second; who says nothing more has nothing to do."""
    pressure = Pressure(BOUNDS)
    pressure.receive("asr", BUSY, 0.0)
    assert pressure.worst(seconds).is_over is counts


def test_nothing_is_known_at_first() -> None:
    """Then there is no strain, and nothing is left out, however long that lasts."""
    pressure = Pressure()
    assert (pressure.worst(0).ratio, pressure.update(100)) == (0, NONE)


def test_steps_are_taken_one_after_the_other_while_it_lasts() -> None:
    """Each needs its own seconds over the bound, and after the third there is none."""
    looks = lasting(Pressure(BOUNDS), BUSY, 30)
    assert changes(looks) == [
        (HARDER_SECONDS, WIDER),
        (2 * HARDER_SECONDS, NO_DRAFTS),
        (3 * HARDER_SECONDS, NO_PARTIALS),
    ]


def test_a_single_reading_is_not_enough() -> None:
    """Also where the service goes on telling it for the 2 s in which it remembers a moment."""
    pressure = Pressure(BOUNDS)
    for second in range(3):
        pressure.receive("asr", BUSY, second)
        pressure.update(second)
    assert lasting(pressure, CALM, 10, start=2.25)[-1] is NONE


def test_steps_are_taken_back_later_and_only_where_it_is_easy() -> None:
    """Between half of the bound and the bound everything stays; below it one step after the other goes."""
    pressure = Pressure(BOUNDS)
    lasting(pressure, BUSY, 3 * HARDER_SECONDS)
    assert set(lasting(pressure, EASY, 60, start=100)) == {NO_PARTIALS}
    steps = changes(lasting(pressure, CALM, 40, start=200))
    assert [step for _, step in steps] == [NO_DRAFTS, WIDER, NONE]
    assert [later - earlier for (earlier, _), (later, _) in pairwise(steps)] == [MILDER_SECONDS] * 2


def test_it_does_not_swing() -> None:
    """Pressure that returns before a step was taken back begins to count anew, and so does calm."""
    pressure = Pressure(BOUNDS)
    lasting(pressure, BUSY, HARDER_SECONDS)
    looks = []
    for start in range(20, 80, 12):
        looks += lasting(pressure, CALM, 8, start=start)
        looks += lasting(pressure, BUSY, 1, start=start + 9)
    assert set(looks) == {WIDER}


def test_what_swings_swings_less_and_less() -> None:
    """A step that had to be taken again soon after another was taken back is kept twice as long, up to 40 s."""
    pressure, waits, now = Pressure(BOUNDS), [], 0.0
    for _ in range(4):
        lasting(pressure, BUSY, 3 * HARDER_SECONDS, start=now)
        now += 3 * HARDER_SECONDS + 5
        [(wait, _), *_] = changes(lasting(pressure, CALM, 45, start=now))
        waits.append(wait)
        now += 46
    assert waits == [MILDER_SECONDS, 2 * MILDER_SECONDS, 4 * MILDER_SECONDS, 4 * MILDER_SECONDS]
    lasting(pressure, CALM, 300, start=now)
    lasting(pressure, BUSY, HARDER_SECONDS, start=now + 400)
    [(wait, step)] = changes(lasting(pressure, CALM, 45, start=now + 410))
    assert (wait, step) == (MILDER_SECONDS, NONE)


def test_silence_is_not_calm() -> None:
    """The answers with which a busy service tells may be what waits: nothing comes back before it has told better."""
    pressure = Pressure(BOUNDS)
    lasting(pressure, BUSY, HARDER_SECONDS)
    assert {pressure.update(second) for second in range(6, 30)} == {WIDER}
    assert changes(lasting(pressure, CALM, MILDER_SECONDS, start=30)) == [(MILDER_SECONDS, NONE)]


def test_who_says_nothing_any_more_is_forgotten() -> None:
    """Half a minute after a service was last heard it counts as calm: nobody uses it."""
    pressure = Pressure(BOUNDS)
    lasting(pressure, BUSY, HARDER_SECONDS)
    last_heard = int(HARDER_SECONDS)
    looks = [pressure.update(second) for second in range(last_heard + 1, 60)]
    assert last_heard + 1 + looks.index(NONE) == last_heard + 30 + MILDER_SECONDS
