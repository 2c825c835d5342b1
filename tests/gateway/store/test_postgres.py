"""The store on a real PostgreSQL."""

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from gateway.store.postgres import PostgresStore
from gateway.store.records import Record, SessionState
from livetranslate.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError, UnavailableError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples


async def test_a_session_is_read_as_it_was_inserted(store: PostgresStore) -> None:
    """A new session comes back unchanged."""
    session = examples.session()
    await store.insert_session(session)
    await store.insert_session(session)
    assert await store.get_session(session.session_id) == session


async def test_records_are_read_as_they_were_written(store: PostgresStore) -> None:
    """Segments and translations come back unchanged, in the order of events, after the event asked for."""
    session = examples.session()
    await store.insert_session(session)
    first = examples.segment(session.session_id, 1, 0)
    second = examples.segment(session.session_id, 3, 1, "it's 5 o'clock: \N{SNOWMAN} \\ ' \"")
    records: list[Record] = [first, examples.translation(first, 2), second, examples.translation(second, 4)]
    await store.write([records[2], records[1], records[3], records[0]])
    assert await store.read_records(session.session_id) == records
    assert await store.read_records(session.session_id, after_event_number=2) == records[2:]
    assert await store.read_records(session.session_id, 1, limit=2) == records[1:3]
    stored = await store.get_session(session.session_id)
    assert (stored.segment_count, stored.sample_count) == (2, second.end_sample)


async def test_writing_again_changes_nothing(store: PostgresStore) -> None:
    """A replayed record, even with another text, leaves what is stored."""
    session = examples.session()
    await store.insert_session(session)
    segment = examples.segment(session.session_id, 1)
    await store.write([segment, examples.translation(segment, 2)])
    await store.write([replace(segment, text="good evening"), examples.translation(segment, 2)])
    assert await store.read_records(session.session_id) == [segment, examples.translation(segment, 2)]


async def test_two_records_of_one_event_number_are_an_error(store: PostgresStore) -> None:
    """Another segment under a number that is taken is refused, and nothing of its batch is stored."""
    session = examples.session()
    await store.insert_session(session)
    await store.write([examples.segment(session.session_id, 1, 0)])
    with pytest.raises(asyncpg.UniqueViolationError):
        await store.write([examples.segment(session.session_id, 2, 1), examples.segment(session.session_id, 1, 2)])
    assert len(await store.read_records(session.session_id)) == 1


async def test_records_need_their_session(store: PostgresStore) -> None:
    """A segment of no session is refused."""
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await store.write([examples.segment("nobody", 1)])


async def test_new_targets_are_added(store: PostgresStore) -> None:
    """Languages that were translated into stay, new ones follow in the order given."""
    session = examples.session()
    await store.insert_session(session)
    await store.update_targets(session.session_id, ["fr", "es", "ca"])
    await store.update_targets(session.session_id, [])
    assert (await store.get_session(session.session_id)).target_language_codes == ("es", "fr", "ca")


async def test_a_session_ends_once(store: PostgresStore) -> None:
    """The first end counts."""
    session = examples.session()
    await store.insert_session(session)
    await store.finish_session(session.session_id, SessionState.COMPLETED, 48_000)
    ended = await store.get_session(session.session_id)
    await store.finish_session(session.session_id, SessionState.INTERRUPTED, 0)
    assert await store.get_session(session.session_id) == ended
    assert (ended.state, ended.sample_count) == (SessionState.COMPLETED, 48_000)
    assert ended.end_time is not None
    assert ended.end_time >= session.start_time


async def test_an_unknown_session_is_not_found(store: PostgresStore) -> None:
    """Every operation on a session that does not exist says so."""
    for operation in (
        store.get_session("nobody"),
        store.delete_session("nobody"),
        store.update_targets("nobody", ["es"]),
        store.finish_session("nobody", SessionState.COMPLETED, 0),
    ):
        with pytest.raises(NotFoundError) as caught:
            await operation
        assert caught.value.reason == "SESSION_NOT_FOUND"


async def test_text_that_the_database_cannot_hold_is_refused(store: PostgresStore) -> None:
    """NUL is the caller's mistake."""
    with pytest.raises(InvalidArgumentError, match="NUL"):
        await store.get_session("no\0body")


async def test_deleting_leaves_no_trace(store: PostgresStore, postgres: Postgres) -> None:
    """A session that ended goes with its segments and translations; others stay."""
    session, other = examples.session(), examples.session()
    for each in (session, other):
        await store.insert_session(each)
        segment = examples.segment(each.session_id, 1)
        await store.write([segment, examples.translation(segment, 2)])
    await store.finish_session(session.session_id, SessionState.COMPLETED, 16_000)
    await store.delete_session(session.session_id)
    connection = await asyncpg.connect(postgres.url)
    for table in ("sessions", "segments", "translations"):
        count = f"SELECT count(*) FROM {table} WHERE session_id = $1"  # noqa: S608 - constants
        assert await connection.fetchval(count, session.session_id) == 0
        assert await connection.fetchval(count, other.session_id) == 1
    await connection.close()


async def test_a_running_session_is_not_deleted(store: PostgresStore) -> None:
    """Deleting a session that is still running is refused."""
    session = examples.session()
    await store.insert_session(session)
    with pytest.raises(FailedPreconditionError) as caught:
        await store.delete_session(session.session_id)
    assert caught.value.reason == "SESSION_ACTIVE"
    assert await store.get_session(session.session_id) == session


async def test_pages_hold_every_session_once_newest_first(store: PostgresStore) -> None:
    """Following the tokens gives all sessions, also those of one moment, and ends with an empty token."""
    moment = datetime.now(UTC) + timedelta(days=1)
    expected = [examples.session(moment + timedelta(seconds=number // 2)) for number in range(7)]
    for session in expected:
        await store.insert_session(session)
    expected.sort(key=lambda session: (session.start_time, session.session_id), reverse=True)
    everything, token = await store.list_sessions(1000, "")
    assert everything[:7] == expected
    assert token == ""
    paged, token = await store.list_sessions(3, "")
    for _ in range(len(everything)):
        if not token:
            break
        page, token = await store.list_sessions(3, token)
        paged += page
    assert paged == everything


@pytest.mark.parametrize("token", ["x", "WzEsMl0=", "bnVsbA==", "\N{SNOWMAN}", "WyIyMDI2LTAxLTAxIiwgIngiXQ=="])
async def test_a_made_up_page_token_is_refused(store: PostgresStore, token: str) -> None:
    """A token that no listing returned is the caller's mistake."""
    with pytest.raises(InvalidArgumentError) as caught:
        await store.list_sessions(10, token)
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


@pytest.mark.parametrize("page_size", [-1, 1001])
async def test_a_page_size_out_of_range_is_refused(store: PostgresStore, page_size: int) -> None:
    """Pages have at most a thousand sessions."""
    with pytest.raises(InvalidArgumentError) as caught:
        await store.list_sessions(page_size, "")
    assert caught.value.reason == "PAGE_SIZE_INVALID"


async def test_no_database_is_a_clear_error() -> None:
    """An unreachable database is named with the setting to change, and without its password."""
    url = "postgresql://captions:hunter2@127.0.0.1:1/live?password=hunter2"
    with pytest.raises(UnavailableError) as caught:
        await PostgresStore.open(url, timeout_seconds=0.3)
    assert "LIVETRANSLATE_DATABASE_URL" in caught.value.message
    assert "127.0.0.1:1/live" in caught.value.message
    assert "hunter2" not in caught.value.message


async def test_an_outage_is_told_and_ends(outage_folder: Path) -> None:
    """While the server is down the store says unavailable; when it is back, the store works again by itself."""
    server = Postgres.start(outage_folder)
    store = await PostgresStore.open(server.url)
    await store.migrate()
    session = examples.session()
    await store.insert_session(session)
    assert await store.is_reachable()
    server.stop()
    assert not await store.is_reachable()
    with pytest.raises(UnavailableError):
        await store.get_session(session.session_id)
    server = Postgres.start(outage_folder)
    assert await store.get_session(session.session_id) == session
    await store.aclose()
    server.stop()


async def test_a_connection_is_not_waited_for_for_ever(postgres: Postgres) -> None:
    """While all connections are taken, by a database that hangs for example, the store says unavailable."""
    store = await PostgresStore.open(postgres.url, statement_timeout_seconds=0.5)
    async with AsyncExitStack() as taken:
        for _ in range(store._pool.get_max_size()):
            await taken.enter_async_context(store._pool.acquire())
        with pytest.raises(UnavailableError):
            await store.get_session("s")
    await store.aclose()


async def test_a_server_that_is_no_longer_the_primary_is_an_outage(store: PostgresStore, postgres: Postgres) -> None:
    """After a failover the old primary is read-only: what it does not take is tried again, not given up."""
    demoted = await PostgresStore.open(f"{postgres.url}&default_transaction_read_only=on")
    session = examples.session()
    with pytest.raises(UnavailableError):
        await demoted.insert_session(session)
    await demoted.aclose()
    await store.insert_session(session)


async def test_replicas_migrate_at_the_same_time(postgres: Postgres) -> None:
    """Several processes that bring an empty database up to date at once all succeed."""
    connection = await asyncpg.connect(postgres.url)
    await connection.execute("CREATE DATABASE empty")
    await connection.close()
    url = postgres.url.replace("/postgres?", "/empty?")
    program = f"from gateway.store.migrations import upgrade; upgrade({url!r})"
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", program) for _ in range(2)]
    assert [await process.wait() for process in processes] == [0, 0]
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT version_num FROM alembic_version") == "0001"
    await connection.close()
