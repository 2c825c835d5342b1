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
    clock: Clock, patience_seconds: float = 120.0, addresses: int = 1, admission_seconds: float = 0.0
) -> tuple[Recovery, list[ConnectionEvent]]:
    """Draws the longest pause that is allowed."""
    told: list[ConnectionEvent] = []
    recovery = Recovery(
        addresses,
        patience_seconds,
        told.append,
        clock,
        lambda _low, high: high,
        admission_seconds=admission_seconds,
    )
    return recovery, told


def failed(recovery: Recovery, error: TranslateError = LOST) -> float:
    delay_seconds = recovery.note_failure(error, "a:1", is_open=True, can_resume=True)
    recovery.note_attempt("a:1")
    return delay_seconds


def full(retry_seconds: float) -> TranslateError:
    return TranslateError(Code.RESOURCE_EXHAUSTED, "full", retry_delay_seconds=retry_seconds)


def test_pauses_double_up_to_a_second() -> None:
    """The first attempt comes at once; then pauses double from 0.1 s and stay at one second."""
    recovery, _ = recovering(Clock())
    assert [failed(recovery) for _ in range(7)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_the_server_says_when() -> None:
    """A server without room that says when to come again is obeyed."""
    recovery, _ = recovering(Clock())
    assert failed(recovery, full(7.0)) == 7.0


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


def test_a_server_without_room_is_asked_again_when_it_says() -> None:
    """First every other address; then, for as long as the caller waits, all of them once more after each delay."""
    clock = Clock()
    recovery, told = recovering(clock, addresses=2, admission_seconds=10.0)
    delays = []
    for _ in range(4):
        delays.append(recovery.note_failure(full(4.0), "a:1", is_open=False, can_resume=False))
        clock.now += delays[-1]
    assert delays == [0.0, 4.0, 0.0, 4.0]
    recovery.note_failure(full(4.0), "a:1", is_open=False, can_resume=False)
    with pytest.raises(TranslateError, match="full"):
        recovery.note_failure(full(4.0), "b:1", is_open=False, can_resume=False)
    assert [(event.state, event.after_seconds) for event in told] == [("refused", 0.0), ("refused", 4.0)]


def test_a_dead_server_does_not_hide_that_another_one_is_busy() -> None:
    """In whichever order they are asked; where in the end all are dead, nobody is waited for."""
    clock = Clock()
    recovery, told = recovering(clock, addresses=2, admission_seconds=10.0)
    delays = []
    for error, address in [(full(4.0), "a:1"), (LOST, "b:1"), (LOST, "b:1"), (full(3.0), "a:1")]:
        delays.append(recovery.note_failure(error, address, is_open=False, can_resume=False))
        clock.now += delays[-1]
    assert delays == [0.0, 4.0, 0.0, 3.0]
    assert [(event.state, event.address, event.error and event.error.message) for event in told] == [
        ("refused", "a:1", "full"),
        ("refused", "a:1", "full"),
    ]
    recovery.note_failure(LOST, "a:1", is_open=False, can_resume=False)
    with pytest.raises(TranslateError, match="gone"):
        recovery.note_failure(LOST, "b:1", is_open=False, can_resume=False)


def test_a_caller_learns_when_there_may_be_room() -> None:
    """Also where the address that was asked last is dead."""
    recovery, _ = recovering(Clock(), addresses=2)
    recovery.note_failure(full(4.0), "a:1", is_open=False, can_resume=False)
    with pytest.raises(TranslateError, match="full") as raised:
        recovery.note_failure(LOST, "b:1", is_open=False, can_resume=False)
    assert raised.value.retry_delay_seconds == 4.0


@pytest.mark.parametrize(("retry_seconds", "admission_seconds"), [(4.0, 0.0), (0.0, 60.0)])
def test_a_refusal_is_raised_where_nobody_waits(retry_seconds: float, admission_seconds: float) -> None:
    """Neither a caller that does not want to nor a server that does not say when is waited for."""
    recovery, told = recovering(Clock(), admission_seconds=admission_seconds)
    with pytest.raises(TranslateError, match="full"):
        recovery.note_failure(full(retry_seconds), "a:1", is_open=False, can_resume=False)
    assert told == []


@pytest.mark.parametrize(
    ("code", "reason", "heals"),
    [
        (Code.UNAVAILABLE, "DRAINING", True),
        (Code.INTERNAL, "", True),
        (Code.INTERNAL, "MT_FAILED", False),
        (Code.DEADLINE_EXCEEDED, "", True),
        (Code.DEADLINE_EXCEEDED, "CLIENT_STALLED", False),
        (Code.RESOURCE_EXHAUSTED, "TOO_MANY_SESSIONS", True),
        (Code.ABORTED, "SESSION_TAKEN_OVER", False),
        (Code.PERMISSION_DENIED, "RESUME_TOKEN_WRONG", False),
    ],
)
def test_what_heals(code: Code, reason: str, *, heals: bool) -> None:
    """What passes by itself is tried again; a mistake is not."""
    assert can_heal(TranslateError(code, "", reason)) == heals
