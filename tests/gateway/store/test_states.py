"""The life of a session, walked through on a real PostgreSQL."""

import asyncpg
import pytest

from gateway.store.database import Database
from gateway.store.records import SessionState
from gateway.store.session_table import SessionTable
from gateway.store.states import ENDING, TRANSITIONS, Change
from livetranslate.errors import FailedPreconditionError, NotFoundError
from tests.gateway import examples


async def brought_to(table: SessionTable, state: SessionState) -> tuple[str, int]:
    """A session in this state, and its generation."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    if state is SessionState.SUSPENDED:
        await table.suspend(session.session_id, 1, window_seconds=60, sample_count=0)
    elif state is not SessionState.ACTIVE:
        await table.finish(session.session_id, 1, state, 0)
    assert (await table.get(session.session_id)).state is state
    return session.session_id, 1


async def attempt(table: SessionTable, change: Change, session_id: str, generation: int) -> None:
    match change:
        case Change.TAKE_OVER:
            await table.take_over(session_id, examples.TOKEN_HASH, "other")
        case Change.SUSPEND:
            await table.suspend(session_id, generation, window_seconds=60, sample_count=0)
        case Change.COMPLETE:
            await table.finish(session_id, generation, SessionState.COMPLETED, 0)
        case Change.INTERRUPT:
            await table.finish(session_id, generation, SessionState.INTERRUPTED, 0)
        case Change.DELETE:
            await table.delete(session_id)


@pytest.mark.parametrize(
    "change", [change for change in Change if change is not Change.RETURN]
)  # that is the housekeeper's, and in its tests
@pytest.mark.parametrize("state", SessionState)
async def test_a_session_changes_as_the_table_says(table: SessionTable, state: SessionState, change: Change) -> None:
    """Every change leads from every state to what the table says, and what is not in it does nothing."""
    session_id, generation = await brought_to(table, state)
    try:
        await attempt(table, change, session_id, generation)
    except FailedPreconditionError:
        assert change not in TRANSITIONS[state]
    if (expected := TRANSITIONS[state].get(change, state)) is None:
        with pytest.raises(NotFoundError):
            await table.get(session_id)
    else:
        assert (await table.get(session_id)).state is expected


def test_every_state_has_its_changes() -> None:
    """The table names every state, leads to every one, and every session can be deleted in the end."""
    assert set(TRANSITIONS) == set(SessionState)
    reached = {state for changes in TRANSITIONS.values() for state in changes.values()}
    assert reached == {*SessionState, None}
    for state, change in ENDING.items():
        assert TRANSITIONS[SessionState.ACTIVE][change] is state
        assert TRANSITIONS[state] == {Change.DELETE: None}


async def test_the_database_knows_the_same_states(database: Database, table: SessionTable) -> None:
    """A state that is not in the table is refused by the database."""
    session_id, _ = await brought_to(table, SessionState.ACTIVE)
    async with database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("UPDATE sessions SET state = 'asleep' WHERE session_id = $1", session_id)
