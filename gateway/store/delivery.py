"""Getting a batch into the database: again until it is there, and in parts where the database refuses it."""

from collections.abc import Awaitable, Callable, Collection, Sequence

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from gateway.store.listeners import Listeners, tell
from gateway.store.records import Entry
from livetranslate.errors import FailedPreconditionError, UnavailableError

Owner = tuple[str, int]
"""A session and the generation of its owner."""

# Stores entries, all or none, passing over those stored already; returns the owners that may not write any more.
# `UnavailableError` means: try again later.
Write = Callable[[Sequence[Entry]], Awaitable[Collection[Owner]]]

log = structlog.get_logger()


class Delivery:
    """Delivers batches, one at a time, and tells the listeners what became of each entry."""

    def __init__(
        self,
        write: Write,
        listeners: Listeners,
        *,
        on_availability: Callable[[bool], None],
        max_retry_delay_seconds: float,
    ) -> None:
        """Call `on_availability` with False when the database goes away, and with True when it is back."""
        self._write = write
        self._listeners = listeners
        self._on_availability = on_availability
        self._is_available = True
        self._retrying = AsyncRetrying(
            retry=retry_if_exception_type(UnavailableError),
            wait=wait_random_exponential(multiplier=0.1, max=max_retry_delay_seconds),
            before_sleep=self._note_outage,
            reraise=True,
        )

    @property
    def is_available(self) -> bool:
        """Whether the last attempt reached the database."""
        return self._is_available

    async def deliver(self, entries: Sequence[Entry]) -> None:
        """Writes entries. If the database refuses them, in halves: one must not spoil the others."""
        try:
            superseded: Collection[Owner] = await self._retrying(self._write, entries)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever put the record
            self._note_availability(True)
            if len(entries) == 1:
                self._refuse(entries[0], error)
                return
            middle = len(entries) // 2
            await self.deliver(entries[:middle])
            await self.deliver(entries[middle:])
        else:
            self._note_availability(True)
            self._tell(entries, superseded)

    def _refuse(self, entry: Entry, error: Exception) -> None:
        log.error(
            "the database refuses a record",
            session_id=entry.record.session_id,
            kind=type(entry.record).__name__,
            error=type(error).__name__,
        )
        self._listeners.tell_refused(entry, error)

    def _tell(self, entries: Sequence[Entry], superseded: Collection[Owner]) -> None:
        for entry in entries:
            if (entry.record.session_id, entry.generation) in superseded:
                message = "Another stream has taken the session over, or it was deleted."
                self._listeners.tell_refused(entry, FailedPreconditionError("SESSION_TAKEN_OVER", message))
            else:
                self._listeners.tell_durable(entry)

    def _note_outage(self, _: RetryCallState) -> None:
        self._note_availability(False)

    def _note_availability(self, is_available: bool) -> None:
        if is_available != self._is_available:
            self._is_available = is_available
            tell(self._on_availability, is_available)
