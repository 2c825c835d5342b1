"""The way of one session's finals into the store, and when they are there."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from gateway.events import Event, Notice, NoticeKind
from gateway.session import GatewaySession
from gateway.store.writer import StoreWriter
from gateway.stored import record_of
from gateway.trace import SegmentSpans
from livetranslate import names
from livetranslate.errors import InternalError, UnavailableError

log = structlog.get_logger()


class Recorder:
    """Hands the core's finals to the writer that all sessions share, and tells the core what is durable."""

    def __init__(
        self, session: GatewaySession, writer: StoreWriter, spans: SegmentSpans, *, on_news: Callable[[], None]
    ) -> None:
        """Call `on_news` whenever the core has been told something."""
        self._session = session
        self._writer = writer
        self._spans = spans
        self._on_news = on_news
        self._is_settled = asyncio.Event()
        self._refused_count = 0
        self._deadline: float | None = None

    async def store(self) -> None:
        """Hand over what has become final; waits only while the writer's queue is full."""
        session_id = self._session.session_id
        for event in self._session.events_to_store():
            record = record_of(session_id, event)
            key = ("store", event.number)
            self._spans.start(names.STORE_SPAN, key, record.traceparent, record.segment_id, record.language_code)
            await self._writer.put([record], partial(self._receive_durable, event), self._receive_refused)

    def _receive_durable(self, event: Event) -> None:
        self._spans.end(("store", event.number))
        self._session.receive_durable(event)
        self._is_settled.set()
        self._on_news()

    def _receive_refused(self, error: Exception) -> None:
        log.error("the database refused a record", session_id=self._session.session_id, kind=type(error).__name__)
        message = "A result could not be stored, and will not be. The server's log says more."
        self._session.receive_notice(Notice(NoticeKind.STORE_UNAVAILABLE, message))
        self._refused_count += 1
        self._is_settled.set()
        self._on_news()

    async def wait_until_stored(self, patience_seconds: float) -> None:
        """Wait until everything final so far is stored, at the end of the session. The patience is for all calls.

        Raises:
            UnavailableError: The database does not take it in time.
            InternalError: The database has refused some of it, and will not take it later.
        """
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + patience_seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                while len(self._session.undurable_events) > self._refused_count:
                    self._is_settled.clear()
                    await self._is_settled.wait()
        except TimeoutError:
            message = "The database does not answer; the last results may not be stored. Try again later."
            raise UnavailableError("STORE_UNAVAILABLE", message) from None
        if self._refused_count:
            raise InternalError("STORE_REFUSED", "Some results could not be stored. The server's log says more.")
