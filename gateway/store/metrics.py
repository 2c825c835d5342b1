"""What is measured of the writes to the store: how long they take, and how large they are."""

import time
from collections.abc import Collection, Sequence
from typing import Final

from opentelemetry.metrics import Meter

from gateway.store.delivery import Owner, Write
from gateway.store.records import Entry
from livetranslate import names
from livetranslate.errors import UnavailableError
from livetranslate.metrics import METER, histogram

_OK: Final = {names.OUTCOME: "ok"}
_UNAVAILABLE: Final = {names.OUTCOME: "unavailable"}
_REFUSED: Final = {names.OUTCOME: "refused"}


class WriteMetrics:
    """One per writer."""

    def __init__(self, meter: Meter = METER) -> None:
        """Have measured nothing yet."""
        self._duration = histogram(names.STORE_DURATION, meter)
        self._size = histogram(names.STORE_BATCH, meter)

    def measured(self, write: Write) -> Write:
        """The same writing, measured; one that is tried again counts each time, its size only when it went well."""

        async def write_measured(entries: Sequence[Entry]) -> Collection[Owner]:
            began = time.monotonic()
            try:
                superseded = await write(entries)
            except Exception as error:
                outcome = _UNAVAILABLE if isinstance(error, UnavailableError) else _REFUSED
                self._duration.record(time.monotonic() - began, outcome)
                raise
            self._duration.record(time.monotonic() - began, _OK)
            self._size.record(len(entries))
            return superseded

        return write_measured
