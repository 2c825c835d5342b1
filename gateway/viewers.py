"""Those who follow sessions on this replica, and the sessions that run on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.events import Event, Speech, Started, Summary
from gateway.feed import Feed
from gateway.messages import event_to_proto
from gateway.store.bus import SessionBus
from livetranslate.errors import ResourceExhaustedError

MAX_VIEWERS = 1000  # of one replica, over all sessions


class RunningSession:
    """A session that runs here and can be watched."""

    def __init__(self, session_id: str, viewers: "Viewers", bus: SessionBus) -> None:
        """Used by `Viewers`."""
        self._session_id = session_id
        self._viewers = viewers
        self._bus = bus

    def show(self, event: Event) -> None:
        """Something has happened: an event that is not stored, or a final once it is durable. It never waits.

        Finals come in the order of their numbers.
        """
        if isinstance(event.body, Speech | Started):
            return  # viewers read
        feed = self._viewers.feed_of(self._session_id)
        # Finals and the end other replicas learn from the store.
        is_wanted = (
            not isinstance(event.body, Summary) and not event.is_stored and self._bus.is_wanted(self._session_id)
        )
        if feed is None and not is_wanted:
            return
        message = event_to_proto(event)
        if feed is not None:
            feed.put(message)
        if is_wanted:
            self._bus.publish_partial(self._session_id, message)


class Viewers:
    """The feeds of the sessions that somebody follows here."""

    def __init__(self, bus: SessionBus, *, max_viewers: int = MAX_VIEWERS) -> None:
        """Nobody follows, and nothing runs yet."""
        self._bus = bus
        self._max_viewers = max_viewers
        self.viewer_count = 0
        """Those who follow sessions here."""
        self.missed_count = 0
        """Events that are not stored and that a viewer was too slow for, over all of them."""
        self._feeds: dict[str, Feed] = {}
        self._running: dict[str, RunningSession] = {}

    @property
    def behind_count(self) -> int:
        """Viewers that have not taken what is new."""
        return sum(feed.behind_count for feed in self._feeds.values())

    def feed_of(self, session_id: str) -> Feed | None:
        """The session's feed, if somebody follows it here."""
        return self._feeds.get(session_id)

    @contextmanager
    def session(self, session_id: str) -> Iterator[RunningSession]:
        """A session runs here while the block runs, or until it is run here anew."""
        running = self._running[session_id] = RunningSession(session_id, self, self._bus)
        if session_id in self._feeds:
            self._feeds[session_id].run_here()
        try:
            yield running
        finally:
            if self._running.get(session_id) is running:
                self._leave(session_id)

    @contextmanager
    def following(self, session_id: str) -> Iterator[Feed]:
        """The session's feed, for one viewer while the block runs.

        Raises:
            ResourceExhaustedError: There are too many viewers.
        """
        if self.viewer_count >= self._max_viewers:
            message = f"This server has {self.viewer_count} viewers. Try another one, or again later."
            raise ResourceExhaustedError("VIEWERS_FULL", message, limit=str(self._max_viewers))
        feed = self._feeds.get(session_id) or self._open(session_id)
        self.viewer_count += 1
        try:
            yield feed
        finally:
            self.viewer_count -= 1
            if not feed.has_followers:
                self._close(session_id)

    def _open(self, session_id: str) -> Feed:
        feed = self._feeds[session_id] = Feed(session_id, is_elsewhere=session_id not in self._running)
        self._bus.subscribe(session_id, feed)
        return feed

    def _close(self, session_id: str) -> None:
        del self._feeds[session_id]
        self._bus.unsubscribe(session_id)

    def _leave(self, session_id: str) -> None:
        del self._running[session_id]
        if session_id in self._feeds:
            self._feeds[session_id].run_elsewhere()
            self._bus.ask_for(session_id)
