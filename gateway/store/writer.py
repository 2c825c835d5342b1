"""Writes what sessions have made final to the database, behind them.

Sessions put their records here and go on; one task writes whatever is waiting in one transaction, as soon as the
transaction before is done. So a quiet gateway stores at once, and a busy one in large batches. While the database is
away the records wait here, and it is tried again until it is back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from gateway.store.records import Record
from livetranslate.errors import UnavailableError

# Stores records, all or none, passing over those stored already; `UnavailableError` means: try again later.
Write = Callable[[Sequence[Record]], Awaitable[None]]

log = structlog.get_logger()

MAX_WAITING_RECORDS = 10_000  # some 36 MB: a minute's outage for 200 people talking into three languages
MAX_BATCH_RECORDS = 100  # some 30 ms a transaction on two busy cores, of which our own work is a small part


@dataclass(frozen=True, slots=True)
class _Submission:
    records: Sequence[Record]
    on_durable: Callable[[], None]
    on_refused: Callable[[Exception], None]


class StoreWriter:
    """The one writer of a gateway process. Used as a context manager, or started and closed."""

    def __init__(
        self,
        write: Write,
        *,
        on_availability: Callable[[bool], None] = lambda _: None,
        max_waiting_records: int = MAX_WAITING_RECORDS,
        max_batch_records: int = MAX_BATCH_RECORDS,
        max_retry_delay_seconds: float = 5,
    ) -> None:
        """Nothing is written before `start`.

        Args:
            write: Stores a batch.
            on_availability: Told False when the database goes away, True when it is back.
            max_waiting_records: Beyond so many `put` waits, and with it the session that puts.
            max_batch_records: At most so many records in one transaction, except for one larger submission.
            max_retry_delay_seconds: The longest pause between two attempts.
        """
        self._write = write
        self._on_availability = on_availability
        self._max_waiting_records = max_waiting_records
        self._max_batch_records = max_batch_records
        self._max_retry_delay_seconds = max_retry_delay_seconds
        self._waiting: deque[_Submission] = deque()
        self._waiting_records = 0
        self._changed = asyncio.Condition()
        self._is_closing = False
        self._is_available = True
        self._task: asyncio.Task[None] | None = None

    @property
    def is_available(self) -> bool:
        """Whether the last attempt to write reached the database."""
        return self._is_available

    @property
    def waiting_records(self) -> int:
        """Records that are not durable yet."""
        return self._waiting_records

    async def __aenter__(self) -> Self:
        """Starts writing."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Writes what is waiting, then ends."""
        await self.aclose(timeout_seconds=10)

    def start(self) -> None:
        """Starts the writing task."""
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def put(
        self,
        records: Sequence[Record],
        on_durable: Callable[[], None],
        on_refused: Callable[[Exception], None],
    ) -> None:
        """Takes records to be stored together, waiting for room.

        Exactly one of the two callbacks follows, on the event loop, unless the writer is closed before.

        Args:
            records: Stored in the order of puts.
            on_durable: Called once they are committed.
            on_refused: Called with the reason if the database will never take them.

        Raises:
            UnavailableError: The writer is closing.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._is_closing or self._has_room(len(records)))
            if self._is_closing:
                raise UnavailableError("STORE_CLOSING", "the server is stopping: connect again")
            self._waiting.append(_Submission(records, on_durable, on_refused))
            self._waiting_records += len(records)
            self._changed.notify_all()

    async def aclose(self, timeout_seconds: float) -> bool:
        """Writes what is waiting and ends. Returns whether everything became durable in time."""
        async with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._task is not None:
            _, pending = await asyncio.wait([self._task], timeout=timeout_seconds)
            self._task.cancel()
            await asyncio.wait([self._task])
            if not pending:
                self._task.result()
        return self._waiting_records == 0

    def _has_room(self, record_count: int) -> bool:
        # A submission larger than the whole queue passes when nothing else waits: it must not wait for ever.
        return not self._waiting or self._waiting_records + record_count <= self._max_waiting_records

    async def _run(self) -> None:
        while batch := await self._next_batch():
            await self._store(batch)
            async with self._changed:
                for submission in batch:
                    self._waiting.popleft()
                    self._waiting_records -= len(submission.records)
                self._changed.notify_all()

    async def _next_batch(self) -> list[_Submission]:
        """The submissions to write next, still at the head of the queue; none once the writer is to end."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting or self._is_closing)
            batch: list[_Submission] = []
            record_count = 0
            for submission in self._waiting:
                record_count += len(submission.records)
                if batch and record_count > self._max_batch_records:
                    break
                batch.append(submission)
            return batch

    async def _store(self, batch: Sequence[_Submission]) -> None:
        """Writes a batch. If the database refuses it, each submission alone: one must not spoil the others'."""
        try:
            await self._write_when_possible([*chain.from_iterable(submission.records for submission in batch)])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever put the records
            if len(batch) == 1:
                _tell(batch[0].on_refused, error)
                return
            for submission in batch:
                await self._store([submission])
        else:
            for submission in batch:
                _tell(submission.on_durable)

    async def _write_when_possible(self, records: Sequence[Record]) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(UnavailableError),
            wait=wait_random_exponential(multiplier=0.1, max=self._max_retry_delay_seconds),
            before_sleep=self._note_outage,
            reraise=True,
        )
        await retrying(self._write, records)
        self._note_availability(True)

    def _note_outage(self, _: RetryCallState) -> None:
        self._note_availability(False)

    def _note_availability(self, is_available: bool) -> None:
        if is_available != self._is_available:
            self._is_available = is_available
            _tell(self._on_availability, is_available)


def _tell(callback: Callable[..., None], *arguments: object) -> None:
    """One session's mistake must not end the writing for all."""
    try:
        callback(*arguments)
    except Exception:
        log.exception("a callback of the store writer failed")
