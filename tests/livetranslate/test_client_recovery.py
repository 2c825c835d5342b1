import grpc
import pytest

from livetranslate.client.errors import TranslateError
from livetranslate.client.recovery import ConnectionEvent, Recovery, can_heal

Code = grpc.StatusCode
LOST = TranslateError(Code.UNAVAILABLE, "gone")


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def recovering(
    clock: Clock, patience_seconds: float = 120.0, addresses: int = 1
) -> tuple[Recovery, list[ConnectionEvent]]:
    """Draws the longest pause that is allowed."""
    told: list[ConnectionEvent] = []
    return Recovery(addresses, patience_seconds, told.append, clock, lambda _low, high: high), told


def failed(recovery: Recovery, error: TranslateError = LOST) -> float:
    delay_seconds = recovery.note_failure(error, "a:1", is_open=True, can_resume=True)
    recovery.note_attempt("a:1")
    return delay_seconds


def test_pauses_double_up_to_a_second() -> None:
    """The first attempt comes at once; then pauses double from 0.1 s and stay at one second."""
    recovery, _ = recovering(Clock())
    assert [failed(recovery) for _ in range(7)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_the_server_says_when() -> None:
    """A server without room that says when to come again is obeyed."""
    recovery, _ = recovering(Clock())
    assert failed(recovery, TranslateError(Code.RESOURCE_EXHAUSTED, "full", retry_delay_seconds=7.0)) == 7.0


def test_patience_is_counted_from_the_loss() -> None:
    """After the time that the caller gave, the last error is raised; a stream that worked starts it anew."""
    clock = Clock()
    recovery, told = recovering(clock, patience_seconds=10.0)
    failed(recovery)
    clock.now = 9.0
    recovery.note_working("a:1")
    clock.now = 30.0
    assert failed(recovery) == 0.0
    clock.now = 41.0
    with pytest.raises(TranslateError, match="gone"):
        failed(recovery)
    assert [(event.state, event.after_seconds) for event in told if event.state != "trying"] == [
        ("lost", 0.0),
        ("resumed", 9.0),
        ("lost", 0.0),
    ]


def test_a_stream_that_breaks_at_once_was_not_repaired() -> None:
    """Where each new stream breaks within two seconds the pauses go on growing, and patience does not begin anew."""
    clock = Clock()
    recovery, _ = recovering(clock, patience_seconds=3.0)
    pauses = []
    for _ in range(4):
        pauses.append(failed(recovery))
        recovery.note_working("a:1")
        clock.now += 0.5
    assert pauses == [0.0, 0.1, 0.2, 0.4]
    clock.now = 3.0
    with pytest.raises(TranslateError):
        failed(recovery)


def test_opening_tries_each_address_once() -> None:
    """What was never open is not waited for: each address is tried, then the error is raised."""
    recovery, told = recovering(Clock(), addresses=3)
    assert [recovery.note_failure(LOST, "a:1", is_open=False, can_resume=False) for _ in range(2)] == [0.0, 0.0]
    with pytest.raises(TranslateError):
        recovery.note_failure(LOST, "a:1", is_open=False, can_resume=False)
    assert told == []


@pytest.mark.parametrize(
    ("code", "reason", "is_open", "heals"),
    [
        (Code.UNAVAILABLE, "DRAINING", True, True),
        (Code.INTERNAL, "", True, True),
        (Code.INTERNAL, "MT_FAILED", True, False),
        (Code.DEADLINE_EXCEEDED, "", True, True),
        (Code.DEADLINE_EXCEEDED, "CLIENT_STALLED", True, False),
        (Code.RESOURCE_EXHAUSTED, "TOO_MANY_SESSIONS", True, True),
        (Code.RESOURCE_EXHAUSTED, "TOO_MANY_SESSIONS", False, False),
        (Code.ABORTED, "SESSION_TAKEN_OVER", True, False),
        (Code.PERMISSION_DENIED, "RESUME_TOKEN_WRONG", True, False),
    ],
)
def test_what_heals(code: Code, reason: str, *, is_open: bool, heals: bool) -> None:
    """What passes by itself is tried again; a refusal is not."""
    assert can_heal(TranslateError(code, "", reason), is_open=is_open) == heals
