"""What a viewer does about a break, and when it may begin."""

import time

import grpc
import pytest

from livetranslate.client.errors import TranslateError
from livetranslate.client.recovery import ConnectionEvent
from livetranslate.client.watching import _View
from livetranslate.v1 import gateway_pb2

FULL = TranslateError(grpc.StatusCode.RESOURCE_EXHAUSTED, "full", "VIEWERS_FULL", retry_delay_seconds=4.0)
GONE = TranslateError(grpc.StatusCode.UNAVAILABLE, "gone")


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def test_a_viewer_that_waits_to_be_let_in_has_lost_nothing(clock: Clock) -> None:
    """However long it waits: that is not the time for which a call was open."""
    told: list[ConnectionEvent] = []
    request = gateway_pb2.WatchSessionRequest()
    view = _View(1, request, {"admission_seconds": 60.0, "on_connection": told.append})
    for _ in range(3):
        clock.now += view.note_failure(FULL, "a:1")
        view.note_attempt("a:1")
    assert clock.now == 12.0
    assert [event.state for event in told] == ["refused"] * 3


def test_a_silent_session_was_followed(clock: Clock) -> None:
    """A call that was open for seconds has been let in; what comes after a break is one more attempt."""
    told: list[ConnectionEvent] = []
    view = _View(1, gateway_pb2.WatchSessionRequest(), {"on_connection": told.append})
    clock.now += 5.0
    for _ in range(3):
        view.note_failure(GONE, "a:1")
        view.note_attempt("a:1")
    assert [event.state for event in told] == ["lost", "trying", "trying", "trying"]
