"""The life of a session: its states, and what leads from one to another.

    active      speech comes in; another stream may take it over
    suspended   its stream broke; it can be resumed until its window is over
    completed   its client ended it, everything final
    interrupted its client vanished and did not come back in time, or it was given up

A session that has ended stays so. It is deleted by request or by age, an active one never.
"""

from collections.abc import Mapping
from enum import Enum, auto

from gateway.store.records import SessionState


class Change(Enum):
    """What can happen to a session."""

    TAKE_OVER = auto()
    SUSPEND = auto()
    RETURN = auto()
    COMPLETE = auto()
    INTERRUPT = auto()
    DELETE = auto()


_ACTIVE, _SUSPENDED = SessionState.ACTIVE, SessionState.SUSPENDED
_COMPLETED, _INTERRUPTED = SessionState.COMPLETED, SessionState.INTERRUPTED

# None: the session is no more. What is not here does not happen.
TRANSITIONS: Mapping[SessionState, Mapping[Change, SessionState | None]] = {
    _ACTIVE: {
        Change.TAKE_OVER: _ACTIVE,
        Change.SUSPEND: _SUSPENDED,
        Change.COMPLETE: _COMPLETED,
        Change.INTERRUPT: _INTERRUPTED,
    },
    _SUSPENDED: {
        Change.TAKE_OVER: _ACTIVE,
        Change.RETURN: _ACTIVE,  # its stream goes on: the replica was only thought dead
        Change.COMPLETE: _COMPLETED,  # by a replica that was thought dead while it came to the end
        Change.INTERRUPT: _INTERRUPTED,
        Change.DELETE: None,
    },
    _COMPLETED: {Change.DELETE: None},
    _INTERRUPTED: {Change.DELETE: None},
}

ENDING = {_COMPLETED: Change.COMPLETE, _INTERRUPTED: Change.INTERRUPT}
"""The changes that end a session, by the state they lead to."""


def allows(change: Change) -> str:
    """The SQL condition on `sessions.state` under which a change happens."""
    states = ", ".join(f"'{state}'" for state, changes in TRANSITIONS.items() if change in changes)
    return f"state IN ({states})"


def ending(state: str) -> str:
    """The SQL assignments that end a session, with the SQL expression of its state."""
    # A century is for ever: the sum must stay within what a timestamp holds.
    return f"""
        state = {state}, resume_until = NULL, end_time = greatest(now(), start_time),
        expire_time = CASE WHEN retention_seconds < 3155760000
            THEN greatest(now(), start_time) + make_interval(secs => retention_seconds) END
    """
