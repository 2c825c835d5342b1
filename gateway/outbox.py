"""Events on their way to one reader.

A partial text gives way to a newer one of the same segment and language, in the place where it waits, and to the
final; everything else waits in order. So a slow reader misses partial texts and nothing else.
"""

from collections.abc import Hashable

from gateway.events import Checkpoint, Event, Transcript, Translation

MAX_WAITING_EVENTS = 256  # about a minute of one session's finals and speech


class Outbox:
    """The events that one reader has not taken yet."""

    def __init__(self, max_waiting_events: int = MAX_WAITING_EVENTS) -> None:
        """Begin empty."""
        self._max_waiting_events = max_waiting_events
        self._events: dict[Hashable, Event] = {}
        self._count = 0

    def put(self, event: Event) -> None:
        """Add an event."""
        key = _replaceable_key(event)
        if key is None or _is_final(event):
            if key is not None:
                self._events.pop(key, None)
            self._count += 1
            key = self._count
        self._events[key] = event

    def take(self) -> list[Event]:
        """All events that wait, in order."""
        events = list(self._events.values())
        self._events.clear()
        return events

    @property
    def has_room(self) -> bool:
        """Whether more may be put; whoever makes events waits otherwise."""
        return len(self._events) < self._max_waiting_events


def _replaceable_key(event: Event) -> Hashable | None:
    match event.body:
        case Transcript(segment_id=segment_id):
            return ("transcript", segment_id)
        case Translation(segment_id=segment_id, language=language):
            return ("translation", segment_id, language)
        case Checkpoint():
            return ("checkpoint",)
        case _:
            return None


def _is_final(event: Event) -> bool:
    return isinstance(event.body, Transcript | Translation) and event.body.is_final
