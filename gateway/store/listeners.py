"""Who wants to know what became of records."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from gateway.store.records import Entry, Record

OnDurable = Callable[[Record], None]
OnRefused = Callable[[Record, Exception], None]

log = structlog.get_logger()


class _Listener(NamedTuple):
    on_durable: OnDurable
    on_refused: OnRefused


class Listeners:
    """One per session and generation; nothing is kept per record."""

    def __init__(self) -> None:
        """Begin with none."""
        self._listeners: dict[tuple[str, int], _Listener] = {}

    @property
    def owners(self) -> set[tuple[str, int]]:
        """The sessions and generations of all who listen now."""
        return set(self._listeners)

    @contextmanager
    def listening(self, session_id: str, generation: int, listener: tuple[OnDurable, OnRefused]) -> Iterator[None]:
        """Tells the listener until the end of the block."""
        self._listeners[session_id, generation] = _Listener(*listener)
        try:
            yield
        finally:
            del self._listeners[session_id, generation]

    def tell_durable(self, entry: Entry) -> None:
        """A record is stored."""
        if listener := self._listeners.get((entry.record.session_id, entry.generation)):
            tell(listener.on_durable, entry.record)

    def tell_refused(self, entry: Entry, error: Exception) -> None:
        """A record will never be stored."""
        if listener := self._listeners.get((entry.record.session_id, entry.generation)):
            tell(listener.on_refused, entry.record, error)


def tell(callback: Callable[..., None], *arguments: object) -> None:
    """Call back; one session's mistake must not end the writing for all."""
    try:
        callback(*arguments)
    except Exception:
        log.exception("a callback of the store writer failed")
