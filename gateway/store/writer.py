"""Writes what sessions have made final to the database, behind them.

Sessions put their records here and go on; one task writes whatever is waiting in one transaction, as soon as the
transaction before is done. So a quiet gateway stores at once, and a busy one in large batches. While the database is
away the records wait here, and it is tried again until it is back.

What waits is one queue, oldest first: a part in a file, then a part in memory. When the memory is half full, all that
is in it moves to the file. So the file never lacks anything that is older than what is in it, except what is stored:
after a crash it can be stored from its beginning, and no position is stored without the finals before it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, aclosing
from typing import Self

import structlog
from opentelemetry.metrics import Meter

from gateway.store.delivery import Delivery, Write
from gateway.store.listeners import Listeners, OnDurable, OnRefused, tell
from gateway.store.metrics import WriteMetrics
from gateway.store.overflow import Overflow
from gateway.store.records import Record
from gateway.store.spill import SpillFolder
from gateway.store.submission import Limits, Submission, SubmissionQueue
from livetranslate.errors import InternalError, UnavailableError
from livetranslate.metrics import METER

log = structlog.get_logger()

SPILL_LOST = "STORE_SPILL_LOST"
"""The reason where results that waited on disk cannot be read any more."""

MAX_WAITING = Limits(20_000, 64 << 20)  # two minutes' outage for 200 people talking into three languages
MAX_BATCH = Limits(400, 4 << 20)  # some 50 ms a transaction on two busy cores: what a stall has left goes at once


class StoreWriter:
    """The one writer of a gateway process. Used as a context manager, or started and closed."""

    def __init__(
        self,
        write: Write,
        *,
        spill: SpillFolder | None = None,
        on_availability: Callable[[bool], None] = lambda _: None,
        max_waiting: Limits = MAX_WAITING,
        max_batch: Limits = MAX_BATCH,
        max_retry_delay_seconds: float = 1,
        meter: Meter = METER,
    ) -> None:
        """Nothing is written before `start`.

        Args:
            write: Stores a batch.
            spill: Where to put what the memory does not hold; None: nowhere.
            on_availability: Told False when the database goes away, True when it is back.
            max_waiting: When there is more in memory, `put` waits, and with it the session that puts.
            max_batch: At most so much in one transaction, except for one larger submission.
            max_retry_delay_seconds: The longest pause between two attempts, at the database and at the disk.
            meter: Measures the writes.
        """
        self._listeners = Listeners()
        self._delivery = Delivery(
            WriteMetrics(meter).measured(write),
            self._listeners,
            on_availability=self._receive_availability,
            max_retry_delay_seconds=max_retry_delay_seconds,
        )
        self._overflow = Overflow(spill)
        self._on_availability = on_availability
        self._max_waiting = max_waiting
        self._max_batch = max_batch
        self._spill_retry_seconds = max_retry_delay_seconds
        self._queue = SubmissionQueue()
        self._last_number = 0
        self._done = 0
        self._has_work, self._has_room, self._must_spill = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._is_closing = self._is_dead = False
        self._broken: set[tuple[str, int]] = set()  # owners whose earlier records may be lost: no later one is stored
        self._tasks: list[asyncio.Task[None]] = []
        self._signal()

    @property
    def is_available(self) -> bool:
        """Whether the last attempt to write reached the database."""
        return self._delivery.is_available

    @property
    def waiting_records(self) -> int:
        """Records that are not durable yet."""
        return self._last_number - self._done

    @property
    def spilled_records(self) -> int:
        """Those of them that are in the file."""
        return max(self._overflow.last_number - self._done, 0)

    @property
    def spilled_bytes(self) -> int:
        """What they take there."""
        return self._overflow.waiting_bytes

    async def __aenter__(self) -> Self:
        """Starts writing."""
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Writes what is waiting, then ends."""
        await self.aclose(timeout_seconds=10)

    def start(self) -> None:
        """Starts the tasks that write to the database and to the file."""
        self._tasks = [
            asyncio.create_task(self._write_all(), name="store writer"),
            asyncio.create_task(self._spill_all(), name="store spill"),
        ]
        for task in self._tasks:
            task.add_done_callback(self._receive_end)

    def listening(
        self, session_id: str, generation: int, on_durable: OnDurable, on_refused: OnRefused
    ) -> AbstractContextManager[None]:
        """Tells what becomes of the records of one session and generation, until the end of the block.

        Exactly one of the callbacks comes for every record, on the event loop, in the order of puts, unless the writer
        is closed before.

        Args:
            session_id: The session.
            generation: That of its owner.
            on_durable: Called with a record once it is committed.
            on_refused: Called with a record that the database will never take, and the reason:
                `FailedPreconditionError` (SESSION_TAKEN_OVER) where the session belongs to another one now.
        """
        return self._listeners.listening(session_id, generation, (on_durable, on_refused))

    async def put(self, generation: int, records: Sequence[Record]) -> None:
        """Takes records of one session, to be stored together.

        They are taken at once, also where the caller is cancelled while it waits: waiting is only the brake. So there
        is never more in memory than its size and one submission of each session.

        Raises:
            UnavailableError: The writer is closing, and they are not taken; or it is dead.
        """
        if self._is_closing:
            raise _closing()
        if records:
            self._last_number += len(records)
            self._queue.append(Submission(self._last_number, generation, tuple(records)))
            self._signal()
            await self._has_room.wait()
        if self._is_dead:
            raise _closing()

    async def aclose(self, timeout_seconds: float) -> bool:
        """Writes what is waiting and ends; puts into the file what could not be written in time.

        Returns:
            Whether everything became durable.
        """
        self._is_closing = True
        self._signal()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=timeout_seconds)
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        await self._spill_rest()
        for task in self._tasks:
            if not task.cancelled():
                task.result()
        return self.waiting_records == 0

    def _receive_end(self, task: asyncio.Task[None]) -> None:
        """A task that dies of a mistake ends the writer: nothing may go on as if it were stored some day."""
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("the store writer is dead: restart the gateway", task=task.get_name(), exc_info=error)
            self._is_dead = self._is_closing = True
            self._signal()
            tell(self._on_availability, False)

    def _receive_availability(self, is_available: bool) -> None:
        self._signal()
        tell(self._on_availability, is_available)

    def _signal(self) -> None:
        """Wakes whoever can go on as things stand now."""
        _set(self._has_work, self.waiting_records > 0 or self._is_closing)
        _set(self._has_room, not self._queue.exceeds(self._max_waiting) or self._is_closing)
        # In an outage that has filled the memory once, the file is the place for everything.
        is_long_outage = self.spilled_records > 0 and not self.is_available and len(self._queue) > 0
        _set(self._must_spill, is_long_outage or self._queue.exceeds(self._max_waiting.halved))

    async def _write_all(self) -> None:
        try:
            async with aclosing(self._overflow.orphans(self._max_batch)) as batches:
                async for batch in batches:
                    await self._deliver(batch)
        except OSError as error:
            log.error("what other processes have left cannot be read", error=error.strerror)  # noqa: TRY400
        while await self._has_work.wait() and (batch := await self._next_batch()):
            await self._deliver([submission for submission in batch if submission.owner not in self._broken])
            self._refuse([submission for submission in batch if submission.owner in self._broken])
            await self._note_done(batch[-1].number)

    async def _deliver(self, batch: Sequence[Submission]) -> None:
        if batch:
            await self._delivery.deliver([entry for submission in batch for entry in submission.entries])

    def _refuse(self, batch: Sequence[Submission]) -> None:
        error = InternalError(SPILL_LOST, "Some results could not be stored. Resume the session.")
        for submission in batch:
            for entry in submission.entries:
                self._listeners.tell_refused(entry, error)

    async def _next_batch(self) -> list[Submission]:
        """The oldest submissions; none once the writer is to end."""
        while self.spilled_records:
            if batch := await self._overflow.read(self._done, self._max_batch):
                return batch
            log.error("a part of the spill file cannot be read and is lost", record_count=self.spilled_records)
            self._broken |= self._listeners.owners | {submission.owner for submission in self._queue}
            await self._note_done(self._overflow.last_number)
        return self._queue.head(self._max_batch)

    async def _note_done(self, number: int) -> None:
        self._done = number
        self._queue.drop_through(number)
        self._signal()
        await self._overflow.clear(number)

    async def _spill_all(self) -> None:
        """Moves what is in memory to the file early enough that nobody has to wait."""
        is_failing = False
        while self._overflow.is_usable and await self._must_spill.wait():
            try:
                await self._overflow.append([*self._queue])
            except OSError as error:
                if not is_failing:
                    log.error("the spill file cannot be written: sessions wait", error=error.strerror)  # noqa: TRY400
                is_failing = True
                await asyncio.sleep(self._spill_retry_seconds)
            else:
                is_failing = False
                self._queue.drop_through(self._overflow.last_number)
                self._signal()
                await self._overflow.clear(self._done)  # the database may have been faster

    async def _spill_rest(self) -> None:
        """Puts what is left into the file, for the next process."""
        try:
            await self._overflow.append([*self._queue])
        except OSError as error:
            log.error("the spill file cannot be written", error=error.strerror, record_count=self.waiting_records)  # noqa: TRY400
        await self._overflow.aclose(self._done)


def _closing() -> UnavailableError:
    return UnavailableError("STORE_CLOSING", "the server is stopping: connect again")


def _set(event: asyncio.Event, is_set: bool) -> None:
    (event.set if is_set else event.clear)()
