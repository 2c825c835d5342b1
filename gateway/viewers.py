"""Those who follow a session live.

A viewer has an outbox of its own: a slow one misses partial texts, never finals, and never holds the session up. One
that lets too many finals wait is let go; it can come back with the last event it knows.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

from gateway.events import Event, Speech, Started, Summary
from gateway.outbox import Outbox
from gateway.session import GatewaySession
from livetranslate.errors import ResourceExhaustedError

_MAX_WAITING_EVENTS = 1000


class Viewer:
    """One who follows."""

    def __init__(self, events: Sequence[Event]) -> None:
        """Begin with events that are not in the store yet."""
        self._outbox = Outbox(_MAX_WAITING_EVENTS)
        self._has_news = asyncio.Event()
        self._is_too_slow = False
        self._has_ended = False
        for event in events:
            self.show(event)

    def show(self, event: Event) -> None:
        """Something has happened."""
        if isinstance(event.body, Speech | Started):
            return  # viewers read
        if self._outbox.has_room:
            self._outbox.put(event)
        else:
            self._is_too_slow = True
        self._has_news.set()

    def end(self) -> None:
        """Nothing more will happen here."""
        self._has_ended = True
        self._has_news.set()

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the session ends or is broken off; only then does a summary come.

        Raises:
            ResourceExhaustedError: Too much was left unread.
        """
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            for event in self._outbox.take():
                yield event
            if self._is_too_slow:
                message = "Too many events were left unread. Watch again, after the last event you know."
                raise ResourceExhaustedError("VIEWER_TOO_SLOW", message)
            if self._has_ended:
                return


class RunningSession:
    """A session that can be watched."""

    def __init__(self, session: GatewaySession) -> None:
        """Nobody watches yet."""
        self._session = session
        self._viewers: set[Viewer] = set()

    def show(self, event: Event) -> None:
        """Something has happened."""
        for viewer in self._viewers:
            viewer.show(event)
            if isinstance(event.body, Summary):
                viewer.end()

    @contextmanager
    def watching(self) -> Iterator[Viewer]:
        """A viewer while the block runs."""
        viewer = Viewer(self._session.undurable_events)
        self._viewers.add(viewer)
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def end(self) -> None:
        """The session is over, however it ended."""
        for viewer in self._viewers:
            viewer.end()


class Viewers:
    """The sessions that run on this replica."""

    def __init__(self) -> None:
        """None runs yet."""
        self._running: dict[str, RunningSession] = {}

    @contextmanager
    def session(self, session: GatewaySession) -> Iterator[RunningSession]:
        """A session can be watched while the block runs."""
        running = self._running[session.session_id] = RunningSession(session)
        try:
            yield running
        finally:
            del self._running[session.session_id]
            running.end()

    def find(self, session_id: str) -> RunningSession | None:
        """The session, if it runs here."""
        return self._running.get(session_id)
