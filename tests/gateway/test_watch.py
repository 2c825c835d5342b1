"""Following a session on its own replica, on another one, and from one to the other."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.events import Event, Notice, NoticeKind, Started, Summary
from gateway.feed import MAX_EVENTS
from gateway.messages import event_to_proto
from gateway.store.database import Database
from gateway.store.records import SegmentRecord, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.stored import event_of
from livetranslate.errors import NotFoundError, ResourceExhaustedError
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples
from tests.gateway.replica import Replica, break_connections, partial, replica, store, text_of, until


@pytest.fixture
async def first(database: Database, postgres: Postgres) -> AsyncIterator[Replica]:
    """The replica that runs the session."""
    async with replica(database, postgres.url) as place:
        yield place


@pytest.fixture
async def second(database: Database, postgres: Postgres) -> AsyncIterator[Replica]:
    """Another replica on the same database."""
    async with replica(database, postgres.url) as place:
        yield place


@pytest.fixture
async def session_id(table: SessionTable) -> str:
    """A session that is active."""
    session = examples.session()
    await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    return session.session_id


def segments(session_id: str, first: int, last: int) -> list[SegmentRecord]:
    """Finals with these numbers, one a second."""
    return [examples.segment(session_id, number, number, f"word{number}") for number in range(first, last + 1)]


async def test_a_viewer_here_gets_the_past_then_what_happens(
    first: Replica, session_id: str, session_log: SessionLog
) -> None:
    """Stored finals after the number asked for, then partials, notices and finals, then the speaker's summary."""
    await store(session_log, *segments(session_id, 1, 3))
    with first.viewers.session(session_id) as running:
        async with first.watching(session_id, after=1) as viewer:
            assert await viewer.numbers(2) == [2, 3]
            running.show(Event(0, Started(session_id)))
            running.show(partial(4, "wor"))
            assert text_of(await viewer.next()) == "wor"
            running.show(Event(0, Notice(NoticeKind.STORE_UNAVAILABLE, "away")))
            assert (await viewer.next()).notice.message == "away"
            await store(session_log, *segments(session_id, 4, 4), shown=running)
            assert await viewer.numbers(1) == [4]
            running.show(Event(0, Summary(session_id, notice_count=1)))
            assert [event.summary.notice_count for event in await viewer.rest()] == [1]


async def test_a_viewer_elsewhere_gets_finals_and_partials(
    first: Replica, second: Replica, session_id: str, session_log: SessionLog, table: SessionTable
) -> None:
    """Finals come from the store, partials over the bus without their words, the summary from the totals."""
    with first.viewers.session(session_id) as running:
        async with second.watching(session_id) as viewer:
            await store(session_log, *segments(session_id, 1, 1), shown=running)
            assert await viewer.numbers(1) == [1]
            await first.wanted(session_id)
            running.show(partial(2, "wor"))
            told = await viewer.next()
            assert text_of(told) == "wor"
            assert not told.transcript.revision.words
            await store(session_log, *segments(session_id, 2, 3), shown=running)
            assert await viewer.numbers(2) == [2, 3]
            await table.finish(session_id, 1, SessionState.COMPLETED, 80_000)
            summary = (await viewer.rest())[-1].summary
            assert (summary.segment_count, summary.word_count, summary.audio_duration.seconds) == (3, 3, 5)


async def test_a_session_that_is_resumed_elsewhere_keeps_its_viewers(
    first: Replica, second: Replica, session_id: str, session_log: SessionLog, table: SessionTable
) -> None:
    """Viewers on both replicas see each final once, through suspension and take-over, and partials of both owners."""
    async with first.watching(session_id) as here, second.watching(session_id) as there:
        with first.viewers.session(session_id) as running:
            await store(session_log, *segments(session_id, 1, 2), shown=running)
            assert [await here.numbers(2), await there.numbers(2)] == [[1, 2], [1, 2]]
        await table.suspend(session_id, 1, window_seconds=60, sample_count=0)
        taken = await table.take_over(session_id, examples.TOKEN_HASH, "another")
        with second.viewers.session(session_id) as running:
            await store(session_log, *segments(session_id, 3, 4), generation=taken.generation, shown=running)
            assert [await here.numbers(2), await there.numbers(2)] == [[3, 4], [3, 4]]
            await second.wanted(session_id)
            running.show(partial(5, "wor"))
            assert [await here.texts(1), await there.texts(1)] == [["wor"], ["wor"]]
            await table.finish(session_id, taken.generation, SessionState.COMPLETED, 0)
            running.show(Event(0, Summary(session_id)))
        assert [event.WhichOneof("event") for event in await here.rest()] == ["summary"]
        assert [event.WhichOneof("event") for event in await there.rest()] == ["summary"]


async def test_everything_goes_on_when_the_bus_breaks(
    first: Replica, second: Replica, session_id: str, session_log: SessionLog, postgres: Postgres
) -> None:
    """Finals still come while the connections are gone, and partials once they are back."""
    with first.viewers.session(session_id) as running:
        async with second.watching(session_id) as viewer:
            await store(session_log, *segments(session_id, 1, 1), shown=running)
            assert await viewer.numbers(1) == [1]
            await first.wanted(session_id)
            assert await break_connections(postgres.url) == 2
            await store(session_log, *segments(session_id, 2, 2), shown=running)
            assert await viewer.numbers(1) == [2]
            await asyncio.gather(first.bus.connected(), second.bus.connected())
            running.show(partial(3, "wor"))
            assert await viewer.texts(1) == ["wor"]


async def test_a_slow_viewer_loses_partials_and_no_final(
    first: Replica, session_id: str, session_log: SessionLog
) -> None:
    """More happens than the feed holds while the viewer does not read: the finals come from the store, in order."""
    count = 2 * MAX_EVENTS
    with first.viewers.session(session_id) as running:
        async with first.watching(session_id) as viewer:
            await store(session_log, *segments(session_id, 1, 1), shown=running)
            assert await viewer.numbers(1) == [1]
            finals = segments(session_id, 2, count)
            await store(session_log, *finals)
            for final in finals:
                running.show(partial(final.event_number, "wor"))
                running.show(event_of(final))
            running.show(partial(count + 1, "last"))
            assert await viewer.numbers(count - 1) == list(range(2, count + 1))
            assert await viewer.texts(1) == ["last"]
            assert first.viewers.missed_count == count - 1


async def test_each_viewer_misses_what_it_is_too_slow_for(
    first: Replica, session_id: str, session_log: SessionLog
) -> None:
    """What was over before it could be taken, whether or not the viewer had begun to take what there was."""
    with first.viewers.session(session_id) as running:
        await store(session_log, *segments(session_id, 1, 1), shown=running)
        async with first.watching(session_id) as viewer, first.watching(session_id) as slow:
            assert [await viewer.numbers(1), await slow.numbers(1)] == [[1], [1]]
            running.show(partial(2, "b"))
            assert await viewer.texts(1) == ["b"]
            running.show(partial(2, "c"))
            running.show(partial(3, "d"))
            assert await slow.texts(1) == ["c"]
            running.show(partial(3, "e"))
            assert await slow.texts(1) == ["e"]
            assert first.viewers.missed_count == 2
            assert await viewer.texts(2) == ["c", "e"]
            assert first.viewers.missed_count == 3


async def test_a_partial_behind_its_final_is_not_shown(
    first: Replica, session_id: str, session_log: SessionLog
) -> None:
    """Also where the viewer has read the final from the store before the feed had it."""
    with first.viewers.session(session_id) as running:
        await store(session_log, *segments(session_id, 1, 1))
        async with first.watching(session_id) as viewer:
            assert await viewer.numbers(1) == [1]
            running.show(partial(1, "late"))
            await store(session_log, *segments(session_id, 1, 2), shown=running)
            running.show(partial(2, "late"))
            running.show(partial(3, "new"))
            assert await viewer.texts(2) == ["word2", "new"]


async def test_a_number_that_was_never_stored_is_passed_over(
    first: Replica, session_id: str, session_log: SessionLog
) -> None:
    """The database may refuse a final for good: those after it still come."""
    with first.viewers.session(session_id) as running:
        async with first.watching(session_id) as viewer:
            await store(session_log, *segments(session_id, 1, 1), shown=running)
            await store(session_log, *segments(session_id, 3, 4), shown=running)
            assert await viewer.numbers(3) == [1, 3, 4]


async def test_an_ended_session_is_read_from_the_store(
    second: Replica, session_id: str, session_log: SessionLog, table: SessionTable
) -> None:
    """Its finals and the summary, and then the stream is over."""
    await store(session_log, *segments(session_id, 1, 2))
    await table.finish(session_id, 1, SessionState.INTERRUPTED, 0)
    async with second.watching(session_id) as viewer:
        assert [event.WhichOneof("event") for event in await viewer.rest()] == ["transcript", "transcript", "summary"]


async def test_a_session_that_is_deleted_ends_its_viewers(
    second: Replica, session_id: str, session_log: SessionLog, table: SessionTable
) -> None:
    """Whoever follows a suspended session is told that there is none any more; so is everybody else."""
    await store(session_log, *segments(session_id, 1, 1))
    await table.suspend(session_id, 1, window_seconds=60, sample_count=0)
    async with second.watching(session_id) as viewer, second.watching(session_id) as other:
        assert [await viewer.numbers(1), await other.numbers(1)] == [[1], [1]]
        await table.delete(session_id)
        for told in (viewer, other):
            with pytest.raises(NotFoundError):
                await told.next()


async def test_an_unknown_session_is_not_found(first: Replica) -> None:
    """And nothing stays behind of the attempt."""
    async with first.watching("nothing-of-the-kind") as viewer:
        with pytest.raises(NotFoundError):
            await viewer.next()
    assert first.viewers.feed_of("nothing-of-the-kind") is None


async def test_what_can_be_no_session_is_not_asked_for(first: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id that no message between replicas could carry is refused before any of them hears of it."""
    asked: list[str] = []
    monkeypatch.setattr(first.bus, "subscribe", lambda session_id, _: asked.append(session_id))
    monkeypatch.setattr(first.bus, "unsubscribe", lambda _: None)
    with pytest.raises(NotFoundError):
        await anext(first.watcher.watch("x" * 10_000, 0))
    assert not asked


async def test_the_next_viewer_reads_where_one_has_left(
    second: Replica, session_id: str, session_log: SessionLog
) -> None:
    """A follower that was to read the store for all may go before; the others get everything all the same."""
    async with second.watching(session_id) as stays, second.watching(session_id) as leaves:
        await store(session_log, *segments(session_id, 1, 1))
        assert [await stays.numbers(1), await leaves.numbers(1)] == [[1], [1]]
        feed = second.viewers.feed_of(session_id)
        assert feed is not None
        async with feed.reading:
            waiting = asyncio.ensure_future(leaves.next())
            await store(session_log, *segments(session_id, 2, 3))
            await until(lambda: feed.has_unread)
            waiting.cancel()
            await asyncio.wait([waiting])
        assert await stays.numbers(2) == [2, 3]


async def test_a_viewer_that_claims_too_much_misleads_nobody(
    second: Replica, session_id: str, session_log: SessionLog
) -> None:
    """Its number is none of this session's: the others get every final all the same."""
    await store(session_log, *segments(session_id, 1, 1))
    async with second.watching(session_id, after=1000) as wrong:
        claiming = asyncio.ensure_future(wrong.rest())
        async with second.watching(session_id) as right:
            assert await right.numbers(1) == [1]
            feed = second.viewers.feed_of(session_id)
            assert feed is not None
            feed.receive_event(event_to_proto(partial(9, "wor")))
            assert await right.texts(1) == ["wor"]
            await store(session_log, *segments(session_id, 2, 3))
            await until(lambda: feed.last_number == 3)  # the one that claims has read for both
            assert await right.numbers(2) == [2, 3]
        claiming.cancel()
        await asyncio.wait([claiming])


async def test_viewers_have_a_limit(database: Database, first: Replica, session_id: str) -> None:
    """The refusal names it."""
    first.viewers._max_viewers = 1
    async with first.watching(session_id) as viewer:
        waiting = asyncio.ensure_future(viewer.next())
        await until(lambda: first.viewers.feed_of(session_id) is not None)
        async with first.watching(session_id) as other:
            with pytest.raises(ResourceExhaustedError, match="1 viewers") as raised:
                await other.next()
        waiting.cancel()
        await asyncio.wait([waiting])
    assert raised.value.metadata == {"limit": "1"}
