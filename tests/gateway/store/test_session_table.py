"""The table of sessions on a real PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from gateway.store.database import Database
from gateway.store.records import (
    AudioRecord,
    Entry,
    PositionRecord,
    SessionRecord,
    SessionState,
    SpeechRecord,
    TargetRecord,
)
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable, TakenOver
from livetranslate.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, PermissionDeniedError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples
from tests.gateway.store.listening import listening

OTHER = "other replica"


@pytest.fixture
async def connection(postgres: Postgres) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(postgres.url)
    yield connection
    await connection.close()


async def test_a_session_is_read_as_it_was_inserted(table: SessionTable) -> None:
    """A new session comes back unchanged; inserting it again changes nothing."""
    session = replace(examples.session(), retention_seconds=86_400, store_audio=True, store_speech=True)
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA, b"options")
    await table.insert(replace(session, title="other"), b"other", OTHER)
    assert await table.get(session.session_id) == session
    assert await table.get_options(session.session_id) == b"options"
    assert await table.get_options("none") == b""
    taken = await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    assert taken.options == b"options"


async def test_taking_over_gives_what_is_needed_to_go_on(
    table: SessionTable, session_log: SessionLog, session: SessionRecord
) -> None:
    """The new owner has the next generation, the newest position and the last event's number."""
    first = await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    assert first == TakenOver(session, 2, 0, b"", 0)
    segment = examples.segment(session.session_id, 1)
    position = PositionRecord(session.session_id, 16_000, b"state")
    await session_log.write([Entry(2, segment), Entry(2, examples.translation(segment, 2)), Entry(2, position)])
    await table.suspend(session.session_id, 2, window_seconds=60, sample_count=20_000)
    second = await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    assert second == TakenOver(replace(session, sample_count=20_000, segment_count=1), 3, 16_000, b"state", 2)


async def test_only_the_token_lets_one_take_over(table: SessionTable, session: SessionRecord) -> None:
    """A wrong token and an empty one change nothing."""
    for wrong in (b"wrong", b""):
        with pytest.raises(PermissionDeniedError) as caught:
            await table.take_over(session.session_id, wrong, OTHER)
        assert caught.value.reason == "RESUME_TOKEN_WRONG"
    assert (await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)).generation == 2


async def test_a_session_without_a_token_cannot_be_taken_over(table: SessionTable) -> None:
    """No token fits a session that never had one, the empty one neither."""
    session = examples.session()
    await table.insert(session, b"", examples.REPLICA)
    with pytest.raises(PermissionDeniedError):
        await table.take_over(session.session_id, b"", OTHER)


async def test_after_its_window_a_session_cannot_be_resumed(table: SessionTable, session: SessionRecord) -> None:
    """A suspended session whose window is over has ended, also before the housekeeper has seen it."""
    await table.suspend(session.session_id, 1, window_seconds=0, sample_count=0)
    with pytest.raises(FailedPreconditionError) as caught:
        await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    assert caught.value.reason == "SESSION_ENDED"


async def test_a_completed_session_is_handed_out_as_it_is(table: SessionTable, session: SessionRecord) -> None:
    """A client that missed the end of its session finds it completed, in the generation that completed it."""
    await table.finish(session.session_id, 1, SessionState.COMPLETED, 16_000)
    taken = await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    assert (taken.session.state, taken.generation) == (SessionState.COMPLETED, 1)


async def test_who_was_taken_over_changes_nothing(table: SessionTable, session: SessionRecord) -> None:
    """An older generation neither suspends nor ends the session."""
    await table.take_over(session.session_id, examples.TOKEN_HASH, OTHER)
    await table.suspend(session.session_id, 1, window_seconds=60, sample_count=0)
    await table.finish(session.session_id, 1, SessionState.COMPLETED, 0)
    assert await table.get(session.session_id) == session


async def test_a_session_ends_once(table: SessionTable, session: SessionRecord) -> None:
    """The first end counts, and the time of deletion follows from it."""
    kept = replace(examples.session(), retention_seconds=3600)
    await table.insert(kept, examples.TOKEN_HASH, examples.REPLICA)
    await table.finish(kept.session_id, 1, SessionState.COMPLETED, 48_000)
    ended = await table.get(kept.session_id)
    await table.finish(kept.session_id, 1, SessionState.INTERRUPTED, 0)
    assert await table.get(kept.session_id) == ended
    assert (ended.state, ended.sample_count) == (SessionState.COMPLETED, 48_000)
    assert ended.end_time is not None
    assert ended.end_time >= kept.start_time
    assert ended.expire_time == ended.end_time + timedelta(hours=1)
    await table.finish(session.session_id, 1, SessionState.COMPLETED, 0)
    assert (await table.get(session.session_id)).expire_time is None


async def test_a_retention_beyond_all_calendars_is_no_error(table: SessionTable) -> None:
    """A session to be kept for a million years ends like any other."""
    session = replace(examples.session(), retention_seconds=1 << 45)
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    await table.finish(session.session_id, 1, SessionState.COMPLETED, 0)
    assert (await table.get(session.session_id)).state is SessionState.COMPLETED


async def test_an_unknown_session_is_not_found(table: SessionTable) -> None:
    """Reading, taking over and deleting a session that does not exist say so."""
    for operation in (
        table.get("nobody"),
        table.delete("nobody"),
        table.take_over("nobody", examples.TOKEN_HASH, OTHER),
    ):
        with pytest.raises(NotFoundError) as caught:
            await operation
        assert caught.value.reason == "SESSION_NOT_FOUND"


async def test_an_id_that_is_too_long_is_not_looked_for(postgres: Postgres) -> None:
    """It is not found without asking the database, and does not come back in the error; one of 64 characters is."""
    database = await Database.open(postgres.url)
    table = SessionTable(database)
    with pytest.raises(NotFoundError) as caught:
        await table.get("x" * 64)
    assert caught.value.metadata == {"session_id": "x" * 64}
    await database.aclose()
    for operation in (
        table.get("x" * 65),
        table.delete("x" * 65),
        table.take_over("x" * 65, examples.TOKEN_HASH, OTHER),
    ):
        with pytest.raises(NotFoundError) as caught:
            await operation
        assert (caught.value.reason, caught.value.metadata) == ("SESSION_NOT_FOUND", {})
        assert "xx" not in caught.value.message


async def test_text_that_the_database_cannot_hold_is_refused(table: SessionTable) -> None:
    """NUL is the caller's mistake, in a column of text and in one of JSON."""
    with pytest.raises(InvalidArgumentError, match="NUL"):
        await table.get("no\0body")
    session = replace(examples.session(), targets=(TargetRecord("es", voice="no\0body"),))
    with pytest.raises(InvalidArgumentError, match="NUL"):
        await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)


async def test_deleting_leaves_no_trace(
    table: SessionTable, session_log: SessionLog, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """No table keeps anything of a deleted session, nor takes anything that comes later; others stay."""
    gone, other = examples.session(), examples.session()
    for session in (gone, other):
        await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
        await session_log.write(everything(session.session_id))
    await table.suspend(gone.session_id, 1, window_seconds=60, sample_count=16_000)
    await table.delete(gone.session_id)
    assert await session_log.write(everything(gone.session_id)) == {(gone.session_id, 1)}
    found = await connection.fetch("SELECT table_name FROM information_schema.columns WHERE column_name = 'session_id'")
    tables = {row["table_name"] for row in found}
    assert tables == {"sessions", "segments", "translations", "audio_pieces", "speech_pieces"}
    for name in tables:
        count = f"SELECT count(*) FROM {name} WHERE session_id = $1"  # noqa: S608 - from the catalogue
        assert await connection.fetchval(count, gone.session_id) == 0
        assert await connection.fetchval(count, other.session_id) == 1


def everything(session_id: str) -> list[Entry]:
    """A record of every kind."""
    segment = examples.segment(session_id, 1)
    return [
        Entry(1, record)
        for record in (
            segment,
            examples.translation(segment, 2),
            PositionRecord(session_id, 16_000, b"state"),
            AudioRecord(session_id, 0, bytes(32)),
            SpeechRecord(session_id, segment.segment_id, "es", 22_050, bytes(32)),
        )
    ]


async def test_a_running_session_is_not_deleted(table: SessionTable, session: SessionRecord) -> None:
    """Deleting a session that is still running is refused."""
    with pytest.raises(FailedPreconditionError) as caught:
        await table.delete(session.session_id)
    assert caught.value.reason == "SESSION_ACTIVE"
    assert await table.get(session.session_id) == session


async def test_the_other_replicas_are_told(table: SessionTable, session: SessionRecord, postgres: Postgres) -> None:
    """A change of state and a take-over are notified; what changes nothing is not."""
    key = session.session_id
    async with listening(postgres.url, key) as messages:
        await table.suspend(key, 1, window_seconds=60, sample_count=0)
        await table.suspend(key, 1, window_seconds=60, sample_count=0)
        await table.take_over(key, examples.TOKEN_HASH, OTHER)
        await table.take_over(key, examples.TOKEN_HASH, OTHER)
        await table.finish(key, 1, SessionState.COMPLETED, 0)
        await table.finish(key, 3, SessionState.COMPLETED, 0)
        await table.delete(key)
    state = {"kind": "state", "session_id": key}
    taken = {"kind": "taken_over", "session_id": key}
    assert messages == [state, taken | {"generation": 2}, state, taken | {"generation": 3}, state, state]


async def test_pages_hold_every_session_once_newest_first(table: SessionTable) -> None:
    """Following the tokens gives all sessions, also those of one moment, and ends with an empty token."""
    moment = datetime.now(UTC) + timedelta(days=1)
    expected = [examples.session(moment + timedelta(seconds=number // 2)) for number in range(7)]
    for session in expected:
        await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    expected.sort(key=lambda session: (session.start_time, session.session_id), reverse=True)
    everything, token = await table.list(1000, "")
    assert everything[:7] == expected
    assert token == ""
    paged, token = await table.list(3, "")
    for _ in range(len(everything)):
        if not token:
            break
        page, token = await table.list(3, token)
        paged += page
    assert paged == everything


@pytest.mark.parametrize("token", ["x", "WzEsMl0=", "bnVsbA==", "\N{SNOWMAN}", "WyIyMDI2LTAxLTAxIiwgIngiXQ=="])
async def test_a_made_up_page_token_is_refused(table: SessionTable, token: str) -> None:
    """A token that no listing returned is the caller's mistake."""
    with pytest.raises(InvalidArgumentError) as caught:
        await table.list(10, token)
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("page_size", [-1, 1001])
async def test_a_page_size_out_of_range_is_refused(table: SessionTable, page_size: int) -> None:
    """Pages have at most a thousand sessions."""
    with pytest.raises(InvalidArgumentError) as caught:
        await table.list(page_size, "")
    assert caught.value.reason == "PAGE_SIZE_INVALID"
