"""Events that are not stored, on their way to other replicas: only the newest of each kind, in small messages."""

import base64
from collections.abc import Hashable, Iterator

from gateway.store.notify import payload
from livetranslate.v1 import gateway_pb2

MAX_PAYLOAD_BYTES = 7_900  # PostgreSQL takes less than 8,000

_MAX_SESSIONS = 512  # more than a replica runs
_MAX_EVENTS = 64  # of one session: a transcript and 16 translations, of a few segments
_ROOM = MAX_PAYLOAD_BYTES - 200  # beside the kind and the session's id


class Partials:
    """What waits to be published."""

    def __init__(self) -> None:
        """Begin empty."""
        self._sessions: dict[str, dict[Hashable, gateway_pb2.SessionEvent]] = {}
        self.dropped_count = 0
        """Events that gave way to a newer one, or for which there was no room."""

    def put(self, session_id: str, event: gateway_pb2.SessionEvent) -> None:
        """Add an event, in the place of an older one of its kind. Where there is no room it is dropped."""
        if session_id not in self._sessions and len(self._sessions) >= _MAX_SESSIONS:
            self.dropped_count += 1
            return
        events = self._sessions.setdefault(session_id, {})
        place = place_of(event)
        has_room = len(events) < _MAX_EVENTS
        self.dropped_count += place in events or not has_room
        if place in events or has_room:
            events[place] = event

    def take(self) -> list[str]:
        """One message for each session, with as many events as fit; the others wait for the next."""
        waiting, self._sessions = self._sessions, {}
        return [message for session_id, events in waiting.items() for message in self._message(session_id, events)]

    def _message(self, session_id: str, events: dict[Hashable, gateway_pb2.SessionEvent]) -> Iterator[str]:
        packed: list[str] = []
        room = _ROOM
        for event in events.values():
            encoded = base64.b64encode(_without_words(event).SerializeToString()).decode()
            if len(encoded) + 1 <= room:
                packed.append(encoded)
                room -= len(encoded) + 1
            elif len(encoded) + 1 <= _ROOM:
                self.put(session_id, event)
            else:  # it never fits
                self.dropped_count += 1
        if packed:
            yield payload("partial", session_id=session_id, events=" ".join(packed))


def events_of(packed: str) -> list[gateway_pb2.SessionEvent]:
    """The events of a message.

    Raises:
        ValueError: They are not in base64.
        google.protobuf.message.DecodeError: They are no events.
    """
    return [gateway_pb2.SessionEvent.FromString(base64.b64decode(encoded)) for encoded in packed.split()]


def place_of(event: gateway_pb2.SessionEvent) -> Hashable:
    """What an event shares with those that it replaces; equal for no two events of which both count."""
    match event.WhichOneof("event"):
        case "transcript":
            return event.transcript.revision.segment_id
        case "translation":
            return event.translation.revision.segment_id, event.translation.revision.language_code
        case "notice":
            return event.notice.code, event.notice.segment_id, event.notice.language_code, event.notice.message
        case "speech_activity":
            return event.speech_activity.segment_id, event.speech_activity.kind
        case kind:
            return kind


def _without_words(event: gateway_pb2.SessionEvent) -> gateway_pb2.SessionEvent:
    """The event with its text, and without the time of each word."""
    if not event.transcript.revision.words:
        return event
    short = gateway_pb2.SessionEvent()
    short.CopyFrom(event)
    del short.transcript.revision.words[:]
    return short
