"""A store that does as it is told, and a listener that notes what it hears."""

import asyncio
from collections.abc import Collection, Sequence

from gateway.store.records import Entry, FinalRecord, Record, SegmentRecord, TranslationRecord
from livetranslate.errors import UnavailableError

POISON = "poison"


class PoisonError(Exception):
    """The fake database refuses a record for good."""


class FakeStore:
    """Keeps what is written, in order, each record once; can be away, and can be held in the middle of a write."""

    def __init__(self, superseded: Collection[tuple[str, int]] = ()) -> None:
        self.superseded = set(superseded)
        self.batches: list[list[Record]] = []
        self.is_away = False
        self.attempts = 0
        self.attempted = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    @property
    def stored(self) -> list[Record]:
        """All records, in the order in which they were first written."""
        return list({repr(record): record for batch in self.batches for record in batch}.values())

    async def write(self, entries: Sequence[Entry]) -> Collection[tuple[str, int]]:
        self.attempts += 1
        self.attempted.set()
        await self.open.wait()
        if self.is_away:
            raise UnavailableError("DATABASE_UNAVAILABLE", "away")
        owners = {(entry.record.session_id, entry.generation) for entry in entries}
        kept = [entry.record for entry in entries if (entry.record.session_id, entry.generation) not in self.superseded]
        if any(getattr(record, "text", "") == POISON for record in kept):
            raise PoisonError
        self.batches.append(kept)
        return owners & self.superseded

    async def read(self, _: str) -> list[FinalRecord]:
        finals = [record for record in self.stored if isinstance(record, SegmentRecord | TranslationRecord)]
        return sorted(finals, key=lambda record: record.event_number)


class Outcomes:
    """What the writer told, in the order in which it did."""

    def __init__(self) -> None:
        self.durable: list[Record] = []
        self.refused: list[tuple[Record, Exception]] = []
        self.told: list[Record] = []
        self._heard = asyncio.Semaphore(0)

    def receive_durable(self, record: Record) -> None:
        self.durable.append(record)
        self._note(record)

    def receive_refused(self, record: Record, error: Exception) -> None:
        self.refused.append((record, error))
        self._note(record)

    async def wait_for(self, count: int) -> None:
        """Wait for so many more."""
        async with asyncio.timeout(60):
            for _ in range(count):
                await self._heard.acquire()

    def _note(self, record: Record) -> None:
        self.told.append(record)
        self._heard.release()
