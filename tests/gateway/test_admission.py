"""How many sessions run here, and which of them has to go."""

import asyncio
from contextlib import ExitStack

import pytest

from gateway.admission import Admission
from gateway.degradation import Degradation
from gateway.pressure import HARDER_SECONDS, MILDER_SECONDS, Pressure
from livetranslate.errors import AbortedError, ResourceExhaustedError
from livetranslate.load import Load

BUSY, CALM = Load(queue_wait_seconds=2.0), Load()


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refusal(admission: Admission, session_id: str = "") -> ResourceExhaustedError:
    """How a session is refused now."""
    with pytest.raises(ResourceExhaustedError) as refused, admission.place(session_id):
        pass
    return refused.value


def test_there_are_so_many_places() -> None:
    """One more is refused, and told the limit and when to try again; a place that is left can be taken."""
    admission = Admission(max_sessions=2)
    with admission.place():
        with admission.place(), pytest.raises(ResourceExhaustedError) as refused, admission.place():
            pass
        with admission.place():
            pass
    assert refused.value.metadata == {"limit": "2"}
    assert refused.value.retry_seconds


def test_a_session_that_runs_here_can_always_be_taken_over() -> None:
    """Its own place is about to be left; another session's is not."""
    admission = Admission(max_sessions=1)
    with admission.place(), admission.running("a", 1, asyncio.Event()):
        with admission.place("a"):
            pass
        with pytest.raises(ResourceExhaustedError), admission.place("b"):
            pass
    with admission.place("b"):
        pass


def test_a_newer_generation_supersedes_an_older_one() -> None:
    """The session that runs is told; neither a stranger nor its own generation tells it."""
    admission, is_superseded = Admission(1), asyncio.Event()
    told = []
    with admission.running("a", 2, is_superseded):
        for session_id, generation in (("b", 9), ("a", 1), ("a", 2), ("a", 3)):
            admission.supersede(session_id, generation)
            told.append(is_superseded.is_set())
    assert told == [False, False, False, True]


def test_a_session_taken_over_here_ends_the_stream_before_it() -> None:
    """The older stream's end does not hide the newer one."""
    admission, events = Admission(2), [asyncio.Event(), asyncio.Event()]
    older = admission.running("a", 1, events[0])
    older.__enter__()
    with admission.running("a", 2, events[1]):
        assert [event.is_set() for event in events] == [True, False]
        older.__exit__(None, None, None)
        admission.supersede("a", 3)
        assert events[1].is_set()
    admission.supersede("a", 4)  # nobody is left to be told


def test_an_older_stream_that_comes_late_does_not_displace_the_newer_one() -> None:
    """Two take-overs at the same moment: the later generation stays."""
    admission, is_superseded = Admission(2), asyncio.Event()
    with admission.running("a", 3, is_superseded):
        with pytest.raises(AbortedError) as refused, admission.running("a", 2, asyncio.Event()):
            pass
        assert admission.generations() == {"a": 3}
    assert not is_superseded.is_set()
    assert refused.value.reason == "SESSION_TAKEN_OVER"


def test_nobody_begins_while_a_reading_is_over_its_bound() -> None:
    """The refusal names the service and the figure; once the reading is old, there is room again."""
    clock, pressure = Clock(), Pressure()
    admission = Admission(9, pressure=pressure, clock=clock)
    with admission.place():
        pressure.receive("asr", BUSY, clock.now)
        error = refusal(admission)
        clock.now += 3
        with admission.place():
            pass
    assert (error.code, error.reason) == ("RESOURCE_EXHAUSTED", "SERVER_BUSY")
    figure = {"service": "asr", "measure": "queue wait", "seconds": "2.000", "bound_seconds": "0.5"}
    assert error.metadata == {"degradation": "NONE", **figure}


def test_where_nobody_runs_nobody_is_made_late() -> None:
    """A machine that has just started is late now and then: whoever comes first is served. The next one has to wait."""
    clock, pressure = Clock(), Pressure()
    admission = Admission(9, pressure=pressure, clock=clock)
    pressure.receive("gateway", Load(loop_delay_seconds=1.0), clock.now)
    with admission.place():
        assert refusal(admission).reason == "SERVER_BUSY"


def test_nobody_begins_while_something_is_left_out() -> None:
    """Those who run get it back first; the more is left out, the later others are to come."""
    clock, pressure = Clock(), Pressure()
    admission = Admission(9, pressure=pressure, clock=clock)
    retries = []
    with admission.place():
        for step in (Degradation.WIDER_STEPS, Degradation.NO_DRAFTS, Degradation.NO_PARTIALS):
            while pressure.degradation < step:
                pressure.receive("mt", BUSY, clock.now)
                pressure.update(clock.now)
                clock.now += HARDER_SECONDS / 5
            clock.now += 3  # what was told is old
            retries.append(refusal(admission).retry_seconds or 0)
    assert retries[0] < retries[1] < retries[2]
    with admission.place():  # nobody runs who is waited for
        assert refusal(admission).reason == "SERVER_BUSY"
        for _ in range(4):
            pressure.receive("mt", CALM, clock.now)
            pressure.update(clock.now)
            clock.now += MILDER_SECONDS
        with admission.place():
            pass


def test_a_session_that_is_resumed_is_let_in_however_busy_it_is() -> None:
    """It had been let in; only where there is no place at all it has to wait, and not behind those who are new."""
    clock, pressure = Clock(), Pressure()
    admission = Admission(3, sessions_per_second=1, pressure=pressure, clock=clock)
    pressure.receive("gateway", BUSY, clock.now)
    with admission.place("a"), admission.place("b"), admission.place("c"):
        for _ in range(30):
            assert refusal(admission).reason == "TOO_MANY_SESSIONS"
        error = refusal(admission, "d")
        assert error.reason == "TOO_MANY_SESSIONS"
        assert (error.retry_seconds or 0) < 2


def let_in(admission: Admission, places: ExitStack) -> int:
    """How many begin at one moment, until one is refused, and stay."""
    begun = 0
    while begins(admission, places):
        begun += 1
    return begun


def begins(admission: Admission, places: ExitStack) -> bool:
    try:
        places.enter_context(admission.place())
    except ResourceExhaustedError:
        return False
    return True


def test_where_nothing_waits_sessions_double_each_second() -> None:
    """From half of the most that may begin in a second, up to that."""
    clock = Clock()
    admission, begun = Admission(999, sessions_per_second=50, clock=clock), []
    with ExitStack() as places:
        for _ in range(5):
            begun.append(let_in(admission, places))
            clock.now += 1
    assert begun == [25, 25, 50, 50, 50]


def test_where_work_begins_to_wait_few_begin() -> None:
    """A sixteenth of those who run in each second, and always one: what they cost is to be measured first."""
    clock, pressure = Clock(), Pressure()
    admission, begun = Admission(999, sessions_per_second=40, pressure=pressure, clock=clock), []
    with ExitStack() as places:
        for resumed in (0, 7, 23, 30):  # so that 0, 8, 32 and 64 run
            for place in range(resumed):
                places.enter_context(admission.place(f"resumed {place}"))
            clock.now += 1
            pressure.receive("asr", Load(queue_wait_seconds=0.2), clock.now)
            begun.append(let_in(admission, places))
    assert begun == [1, 1, 2, 4]


def test_sessions_that_are_resumed_count_as_begun() -> None:
    """They cost the same; those that have ended again do not make room in their second."""
    clock = Clock()
    admission = Admission(99, sessions_per_second=4, clock=clock)
    for session_id in ("", "a"):
        with admission.place(session_id):
            pass
    error = refusal(admission)
    assert (error.reason, error.metadata) == ("TOO_MANY_OPENINGS", {"limit": "2"})
    with admission.place("b"):
        pass
    clock.now += 1
    with admission.place():
        pass


def test_those_who_are_refused_come_back_one_after_the_other() -> None:
    """As fast as they may begin, each a little off its time, and nobody later than in a minute or so."""
    clock = Clock()
    admission = Admission(1, sessions_per_second=4, clock=clock)  # two of them where so few run
    with admission.place():
        retries = [refusal(admission).retry_seconds or 0 for _ in range(1000)]
        means = [sum(retries[start : start + 20]) / 20 for start in (0, 20, 60)]
        assert [round(mean / 10) for mean in means] == [1, 2, 4]
        assert min(retries) >= 0.8
        assert 0.8 * 60 <= retries[-1] <= max(retries) <= 1.2 * 60
        assert len(set(retries[-20:])) > 1
        clock.now += 60
        assert (refusal(admission).retry_seconds or 0) < 2  # they have all been told their time
