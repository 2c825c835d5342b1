"""What the replicas tell one another about sessions, by PostgreSQL's LISTEN and NOTIFY.

    stored      session_id, event_number   the finals up to this one are in the store
    state       session_id                 the session was suspended, resumed, ended or deleted
    taken_over  session_id, generation     the session has a new owner
    wanted      session_id                 somebody on another replica follows the session
    partial     session_id, events         what happens in a wanted session and is not stored

The first three are sent by whoever changes the store, in the same transaction. Of the last two this is the sender.
Nothing is lost for good with a message: subscribers read the store after a break, and every second while it lasts.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Protocol

import asyncpg
import structlog
from google.protobuf.message import DecodeError
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from gateway.store.notify import CHANNEL, notify_all, payload
from gateway.store.partials import Partials, events_of
from livetranslate.v1 import gateway_pb2

log = structlog.get_logger()

PUBLISH_SECONDS = 0.2  # between two messages about one session
POLL_SECONDS = 1.0  # while there is no connection
WANTED_SECONDS = 5.0  # between two messages that a session is wanted; they also show that the connection lives
WANTED_FOR_SECONDS = 12.0  # two of them may get lost

APPLICATION_NAME = "livetranslate bus"
"""What the connection is called in `pg_stat_activity`."""

_STATEMENT_SECONDS = 5.0
_OUTAGES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Subscriber(Protocol):
    """Who wants to know what happens in one session."""

    @property
    def is_elsewhere(self) -> bool:
        """Whether the session runs on another replica, as far as known."""

    def receive_stored(self, event_number: int) -> None:
        """The finals up to this one are in the store."""

    def receive_event(self, event: gateway_pb2.SessionEvent) -> None:
        """The session's replica tells of something that is not stored."""

    def receive_change(self) -> None:
        """Anything may have changed."""


class SessionBus:
    """One replica's connection to all others; it comes back by itself."""

    def __init__(self, database_url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Connect when `run` is called."""
        self._url = database_url
        self._clock = clock
        self._subscribers: dict[str, Subscriber] = {}
        self._partials = Partials()
        self._wanted_until: dict[str, float] = {}  # by others, of the sessions that may run here
        self._to_ask_for: set[str] = set()
        self._on_taken_over: Callable[[str, int], None] | None = None
        self._has_work = asyncio.Event()
        self._is_connected = asyncio.Event()

    # For those who follow sessions

    def subscribe(self, session_id: str, subscriber: Subscriber) -> None:
        """Tell one subscriber, the only one of this replica, about a session."""
        self._subscribers[session_id] = subscriber
        self.ask_for(session_id)

    def unsubscribe(self, session_id: str) -> None:
        """Nobody follows the session here any more."""
        del self._subscribers[session_id]

    def ask_for(self, session_id: str) -> None:
        """Ask the replica that runs the session for what is not stored, now and from now on."""
        self._to_ask_for.add(session_id)
        self._has_work.set()

    # For those who run sessions

    def on_taken_over(self, callback: Callable[[str, int], None]) -> None:
        """Call this with a session and its new generation whenever a session gets a new owner."""
        self._on_taken_over = callback

    def is_wanted(self, session_id: str) -> bool:
        """Whether somebody on another replica follows a session that runs here."""
        return self._wanted_until.get(session_id, 0) > self._clock()

    def publish_partial(self, session_id: str, event: gateway_pb2.SessionEvent) -> None:
        """Tell the others of an event that is not stored; under pressure only of the newest of its kind."""
        self._partials.put(session_id, event)
        self._has_work.set()

    @property
    def dropped_count(self) -> int:
        """Events that others were not told of: they gave way to a newer one, or there was no room."""
        return self._partials.dropped_count

    # The connection

    async def connected(self) -> None:
        """Wait for the connection."""
        await self._is_connected.wait()

    async def run(self) -> None:
        """Listen and publish until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll())
            while True:
                connection = await self._connect()
                try:
                    await self._converse(connection)
                except _OUTAGES as error:
                    log.warning("session bus lost", kind=type(error).__name__)
                finally:
                    self._is_connected.clear()
                    connection.terminate()
                await asyncio.sleep(PUBLISH_SECONDS)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._is_connected.is_set():
                self._tell_of_change()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection that listens, however long it takes to get one."""
        waiting = wait_random_exponential(multiplier=PUBLISH_SECONDS, max=POLL_SECONDS)
        return await AsyncRetrying(retry=retry_if_exception_type(_OUTAGES), wait=waiting)(self._listen)

    async def _listen(self) -> "asyncpg.Connection[asyncpg.Record]":
        connection = await asyncpg.connect(
            self._url,
            timeout=_STATEMENT_SECONDS,
            command_timeout=_STATEMENT_SECONDS,
            server_settings={"application_name": APPLICATION_NAME},
        )
        try:
            connection.add_termination_listener(lambda _: self._has_work.set())
            await connection.add_listener(CHANNEL, self._receive)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _converse(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Publish what there is, until the connection breaks."""
        self._is_connected.set()
        self._tell_of_change()  # something may have happened before
        ask_again_at = self._clock()
        while not connection.is_closed():
            if self._clock() >= ask_again_at:
                ask_again_at = self._clock() + WANTED_SECONDS
                self._begin_round()
            wanted = [payload("wanted", session_id=session_id) for session_id in self._take_to_ask_for()]
            await notify_all(connection, [*wanted, *self._partials.take()])
            await asyncio.sleep(PUBLISH_SECONDS)
            await self._wait_for_work(ask_again_at - self._clock())
        raise ConnectionResetError

    def _begin_round(self) -> None:
        """Ask for all sessions again, and forget those that others have stopped asking for."""
        self._to_ask_for.update(self._subscribers)
        now = self._clock()
        self._wanted_until = {session_id: until for session_id, until in self._wanted_until.items() if until > now}

    def _take_to_ask_for(self) -> list[str]:
        asked, self._to_ask_for = self._to_ask_for, set()
        return [key for key in asked if key in self._subscribers and self._subscribers[key].is_elsewhere]

    async def _wait_for_work(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._has_work.wait()
        except TimeoutError:
            return
        self._has_work.clear()

    # What others tell

    def _receive(self, connection: object, pid: int, channel: str, message: object) -> None:
        del channel
        if isinstance(connection, asyncpg.Connection) and pid == connection.get_server_pid():
            return  # our own
        try:
            self._dispatch(json.loads(str(message)))
        except (ValueError, KeyError, TypeError, DecodeError) as error:
            log.warning("message of another kind on the session bus", kind=type(error).__name__)

    def _dispatch(self, message: dict[str, str]) -> None:
        session_id = message["session_id"]
        subscriber = self._subscribers.get(session_id)
        match message["kind"]:
            case "wanted":
                self._wanted_until[session_id] = self._clock() + WANTED_FOR_SECONDS
            case "taken_over" if self._on_taken_over is not None:
                self._on_taken_over(session_id, int(message["generation"]))
            case "stored" if subscriber is not None:
                subscriber.receive_stored(int(message["event_number"]))
            case "state" if subscriber is not None:
                subscriber.receive_change()
            case "partial" if subscriber is not None:
                for event in events_of(message["events"]):
                    subscriber.receive_event(event)

    def _tell_of_change(self) -> None:
        for subscriber in self._subscribers.values():
            subscriber.receive_change()
