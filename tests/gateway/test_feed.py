"""A session's feed: what gives way to what, and who is told."""

import asyncio
from contextlib import ExitStack

from gateway.feed import MAX_EVENTS, Feed
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2


def transcript(segment_id: str, number: int = 0, text: str = "") -> gateway_pb2.SessionEvent:
    """A segment's text; final if it has a number."""
    revision = asr_pb2.TranscriptRevision(segment_id=segment_id, committed_text=text, is_final=number > 0)
    return gateway_pb2.SessionEvent(event_number=number, transcript=gateway_pb2.Transcript(revision=revision))


def translation(segment_id: str, number: int = 0) -> gateway_pb2.SessionEvent:
    """A segment's translation."""
    revision = mt_pb2.TranslationRevision(segment_id=segment_id, language_code="es", is_final=number > 0)
    return gateway_pb2.SessionEvent(event_number=number, translation=gateway_pb2.Translation(revision=revision))


def told(feed: Feed, position: int = 0) -> list[tuple[str, int]]:
    """The segment and number of each event after a position."""
    events = [entry.response.event for entry in feed.after(position)]
    return [
        (event.transcript.revision.segment_id or event.translation.revision.segment_id, event.event_number)
        for event in events
    ]


def test_a_partial_gives_way_to_the_next_and_to_the_final() -> None:
    """Of each segment and language only the newest is kept, where it came last."""
    feed = Feed("session", is_elsewhere=False)
    for event in (transcript("1"), translation("1"), transcript("2"), transcript("1"), transcript("1", 1)):
        feed.put(event)
    assert told(feed) == [("1", 0), ("2", 0), ("1", 1)]
    assert feed.last_number == 1


def test_what_is_known_is_passed_over() -> None:
    """A final twice, a partial behind its final, a second summary."""
    feed = Feed("session", is_elsewhere=True)
    summary = gateway_pb2.SessionEvent(summary=gateway_pb2.SessionSummary())
    for event in (transcript("1", 1), transcript("1", 1), transcript("1"), summary, summary):
        feed.put(event)
    assert told(feed) == [("1", 1), ("", 0)]
    assert feed.position == 2
    feed.receive_change()
    assert not feed.has_unread  # nothing comes after the end


def test_a_follower_gets_what_came_after_its_place() -> None:
    """Each event once, however often it looks."""
    feed = Feed("session", is_elsewhere=False)
    feed.put(transcript("1"))
    position = feed.position
    assert told(feed, position) == []
    feed.put(transcript("2"))
    feed.put(transcript("3"))
    assert told(feed, position) == [("2", 0), ("3", 0)]


def test_the_feed_is_bounded() -> None:
    """The oldest leave."""
    feed = Feed("session", is_elsewhere=False)
    for number in range(1, MAX_EVENTS + 11):
        feed.put(transcript(f"{number:04d}", number))
    assert told(feed)[0] == ("0011", 11)
    assert len(told(feed)) == MAX_EVENTS


def test_while_the_session_runs_here_others_tell_nothing_new() -> None:
    """Neither their events nor what is stored, until it does not run here any more."""
    feed = Feed("session", is_elsewhere=False)
    with feed.news() as has_news:
        feed.receive_event(transcript("1"))
        feed.receive_stored(5)
        feed.receive_change()
        assert not has_news.is_set()
        feed.run_elsewhere()
        assert has_news.is_set()
    assert (feed.has_unread, feed.may_have_ended) == (True, True)


def test_what_comes_while_the_store_is_read_is_read_again() -> None:
    """News that arrive during a read are not taken for read."""
    feed = Feed("session", is_elsewhere=True)
    feed.receive_stored(1)
    seen = feed.told_count
    feed.receive_change()
    feed.note_read(seen)
    assert (feed.has_unread, feed.may_have_ended) == (True, True)
    feed.note_read(feed.told_count)
    assert (feed.has_unread, feed.may_have_ended) == (False, False)


async def test_followers_are_behind_until_they_take_what_is_new() -> None:
    """Also those whose turn to be told has not come yet."""
    feed = Feed("session", is_elsewhere=False)
    with ExitStack() as stack:
        followers = [stack.enter_context(feed.news()) for _ in range(20)]
        assert feed.behind_count == 0
        feed.put(transcript("1"))
        assert feed.behind_count == 20
        await asyncio.gather(*(follower.wait() for follower in followers))
        assert feed.behind_count == 20
        for follower in followers[:15]:
            follower.clear()
        assert feed.behind_count == 5
    assert feed.behind_count == 0


async def test_many_followers_are_told_a_few_at_a_time() -> None:
    """Each turn of the loop has room for other work; all are told in the end, also those told anew meanwhile."""
    feed = Feed("session", is_elsewhere=False)
    with ExitStack() as stack:
        followers = [stack.enter_context(feed.news()) for _ in range(20)]
        feed.put(transcript("1"))
        told_at_once = sum(follower.is_set() for follower in followers)
        assert 0 < told_at_once < 10
        for follower in followers:
            follower.clear()
        feed.put(transcript("2"))
        async with asyncio.timeout(60):
            await asyncio.gather(*(follower.wait() for follower in followers))


def test_finals_that_have_entered_need_no_reading() -> None:
    """A message about a final that is known wakes nobody."""
    feed = Feed("session", is_elsewhere=True)
    feed.put(transcript("1", 1))
    with feed.news() as has_news:
        feed.receive_stored(1)
        assert not has_news.is_set()
        feed.receive_stored(2)
        assert has_news.is_set()
