"""Events on their way to one reader.

A partial text gives way to a newer one of the same segment and language, in the place where it waits, and to the
final; a checkpoint gives way to the next, which stays behind the finals that it covers. Everything else waits in
order. So a slow reader misses partial texts and old checkpoints, and nothing else.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator

from gateway.events import Checkpoint, Event, Transcript, Translation

MAX_WAITING_EVENTS = 256  # about a minute of one session's finals and speech


class Outbox:
    """The events that one reader has not taken yet."""

    def __init__(self, max_waiting_events: int = MAX_WAITING_EVENTS) -> None:
        """Begin empty."""
        self._max_waiting_events = max_waiting_events
        self._events: OrderedDict[Hashable, Event] = OrderedDict()
        self._count = 0
        self.coalesced_count = 0
        """Partial texts that gave way before they were taken."""

    def __len__(self) -> int:
        """How many wait."""
        return len(self._events)

    def put(self, event: Event) -> None:
        """Add an event."""
        key = _place_of(event)
        if isinstance(event.body, Transcript | Translation) and key in self._events:
            self.coalesced_count += 1
        if not _is_partial(event):
            self._events.pop(key, None)
        if key is None or _is_final(event):
            self._count += 1
            key = self._count  # nothing replaces it
        self._events[key] = event

    def take(self) -> Iterator[Event]:
        """The events that wait, in order, those that come meanwhile included: each leaves when it is asked for."""
        while self._events:
            _, event = self._events.popitem(last=False)
            yield event

    @property
    def has_room(self) -> bool:
        """Whether more may be put; whoever makes events waits otherwise."""
        return len(self._events) < self._max_waiting_events


def _place_of(event: Event) -> Hashable | None:
    """What an event shares with those that give way to it."""
    match event.body:
        case Transcript(segment_id=segment_id):
            return ("transcript", segment_id)
        case Translation(segment_id=segment_id, language=language):
            return ("translation", segment_id, language)
        case Checkpoint():
            return "checkpoint"
        case _:
            return None


def _is_final(event: Event) -> bool:
    return isinstance(event.body, Transcript | Translation) and event.body.is_final


def _is_partial(event: Event) -> bool:
    return isinstance(event.body, Transcript | Translation) and not event.body.is_final
