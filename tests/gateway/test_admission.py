"""How many sessions run here, and which of them has to go."""

import asyncio

import pytest

from gateway.admission import Admission
from livetranslate.errors import AbortedError, ResourceExhaustedError


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
