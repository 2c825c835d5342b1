"""Following a session: first what is stored of it, then what happens, wherever it runs.

While the session runs on this replica, its events come from the stream itself. While it runs on another one, or
waits to be resumed, its finals are read from the store as they arrive there, by one follower for all, and the other
replica tells of what is not stored. The numbers of the finals hold both together: a gap is read from the store, and
what is known already is passed over.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from dataclasses import dataclass, field

import structlog

from gateway.events import Event
from gateway.feed import Entry, Feed
from gateway.messages import event_to_proto
from gateway.store.database import Database
from gateway.store.partials import place_of
from gateway.store.records import SessionRecord, SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable, check_session_id
from gateway.store.totals import read_totals
from gateway.stored import event_of, summary_of
from gateway.viewers import Viewers
from livetranslate.errors import UnavailableError
from livetranslate.logs import note_session
from livetranslate.v1 import gateway_pb2

log = structlog.get_logger()

_REMEMBERED_PLACES = 64  # finals whose partials may still be on their way
_RETRY_SECONDS = 1.0  # while the database is away
_ENDED = (SessionState.COMPLETED, SessionState.INTERRUPTED)


@dataclass
class _Progress:
    """How far one viewer is.

    Attributes:
        last_number: The last final that it has been told, or says that it knows.
        unstored_count: The events that are not stored and have entered the feed up to where it stands there.
        found_number: The last final up to there that is in the store: what a viewer says may be wrong.
        places: Of the last finals.
    """

    last_number: int
    unstored_count: int = 0
    found_number: int = 0
    places: deque[Hashable] = field(default_factory=lambda: deque(maxlen=_REMEMBERED_PLACES))

    def note(self, event: gateway_pb2.SessionEvent) -> None:
        self.last_number = max(self.last_number, event.event_number)
        self.found_number = event.event_number
        self.places.append(place_of(event))

    def is_known(self, entry: Entry) -> bool:
        """Whether an event says nothing new."""
        return entry.number <= self.last_number if entry.number else entry.place in self.places

    def advance(self, entry: Entry, *, is_over: bool) -> int:
        """Go on to an entry of the feed; returns how many events have been over before this viewer could take them.

        Args:
            entry: The next one that is there.
            is_over: Whether something has replaced it, too.
        """
        gone = entry.unstored_count - self.unstored_count - (0 if entry.number else 1)
        self.unstored_count = entry.unstored_count
        return gone + is_over


class Watcher:
    """Serves those who follow sessions."""

    def __init__(self, database: Database, viewers: Viewers) -> None:
        """Use what `__main__` has built."""
        self._database = database
        self._table = SessionTable(database)
        self._log = SessionLog(database)
        self._viewers = viewers

    async def watch(
        self, session_id: str, after_event_number: int
    ) -> AsyncGenerator[gateway_pb2.WatchSessionResponse, None]:
        """All finals after an event, each once and in order, what else happens meanwhile, then the session's summary.

        Raises:
            NotFoundError: There is no such session, or it was deleted.
            ResourceExhaustedError: There are too many viewers.
            UnavailableError: The database does not answer at the beginning.
        """
        check_session_id(session_id)
        progress = _Progress(after_event_number)
        # Follow before reading, so that nothing falls between.
        with self._viewers.following(session_id) as feed, feed.news() as has_news:
            position, progress.unstored_count = feed.position, feed.unstored_count
            session = await self._table.get(session_id)
            note_session(session_id)  # there is one: what a caller wrote is not logged
            known = max(after_event_number - 1, 0)  # the last one known is read, too: it shows that it is there
            async for event in self._stored(session_id, known):
                progress.note(event)
                if event.event_number > after_event_number:
                    yield gateway_pb2.WatchSessionResponse(event=event)
            if session.state in _ENDED:
                yield gateway_pb2.WatchSessionResponse(event=await self._summary(session))
                return
            async for response in self._follow(feed, position, has_news, progress):
                yield response

    async def _follow(
        self, feed: Feed, position: int, has_news: asyncio.Event, progress: _Progress
    ) -> AsyncIterator[gateway_pb2.WatchSessionResponse]:
        while True:
            await has_news.wait()
            has_news.clear()
            await self._read_for_all(feed, progress.found_number)
            for entry in feed.after(position):
                position = entry.position
                is_over = not entry.number and not feed.is_newest(entry)
                self._viewers.missed_count += progress.advance(entry, is_over=is_over)
                async for event in self._missed(feed.session_id, entry, progress):
                    progress.note(event)
                    yield gateway_pb2.WatchSessionResponse(event=event)
                if is_over or progress.is_known(entry):
                    continue
                if entry.number:
                    progress.note(entry.response.event)
                yield entry.response
                if entry.is_summary:
                    return

    async def _read_for_all(self, feed: Feed, found_number: int) -> None:
        """Puts what is new in the store into the feed, unless another follower has done so."""
        while feed.has_unread:
            async with feed.reading:  # also while it waits for the database: one attempt a second for all followers
                try:
                    await self._read_into(feed, found_number)
                except UnavailableError:
                    log.warning("viewers wait for the database", session_id=feed.session_id)
                    await asyncio.sleep(_RETRY_SECONDS)

    async def _read_into(self, feed: Feed, found_number: int) -> None:
        if not feed.has_unread:
            return
        told_count = feed.told_count
        # Its state first: after the end there are no more finals.
        session = await self._table.get(feed.session_id) if feed.may_have_ended else None
        async for event in self._stored(feed.session_id, max(feed.last_number, found_number)):
            feed.put(event)
        if session is not None and session.state in _ENDED:
            feed.put(await self._summary(session))
        feed.note_read(told_count)

    async def _missed(
        self, session_id: str, entry: Entry, progress: _Progress
    ) -> AsyncIterator[gateway_pb2.SessionEvent]:
        """The finals between the last one told and an entry."""
        while entry.number > progress.last_number + 1:
            try:
                async for event in self._stored(session_id, progress.last_number):
                    if event.event_number >= entry.number:
                        return
                    yield event
            except UnavailableError:
                log.warning("a viewer waits for the database", session_id=session_id)
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                return

    async def _stored(self, session_id: str, last: int) -> AsyncIterator[gateway_pb2.SessionEvent]:
        async for record in self._log.records_after(session_id, last):
            yield event_to_proto(event_of(record))

    async def _summary(self, session: SessionRecord) -> gateway_pb2.SessionEvent:
        """The totals of a session that has ended, from what is stored; notices are not."""
        totals = await read_totals(self._database, session.session_id)
        return event_to_proto(Event(0, summary_of(session.session_id, totals, session.sample_count)))
