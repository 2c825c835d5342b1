"""The newest events of one session, kept once for all who follow it on this replica.

A follower has nothing of its own but a place in the feed, so that a slow one costs no memory and holds nobody up. A
partial text gives way to the next one of its segment and language, and the oldest events leave when there are too
many: a slow follower misses partials; a final that it misses it reads from the store.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile

from gateway.store.partials import place_of
from livetranslate.v1 import gateway_pb2

MAX_EVENTS = 256  # about a minute of one session; whoever is further behind reads the store

# Telling one follower takes a tenth of a millisecond. A hundred in one turn of the loop would hold up everything else
# that the process does: each round trip to the database, of which a commit takes several, would wait for all of them.
_WOKEN_AT_ONCE = 4

_SUMMARY = place_of(gateway_pb2.SessionEvent(summary=gateway_pb2.SessionSummary()))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, ready to be sent.

    Attributes:
        position: Where it stands in the feed.
        place: What it shares with those that it replaces.
        number: Its number in the session's log; 0 where it is not stored.
        unstored_count: The events that are not stored, from the first one in the feed to this one.
    """

    position: int
    place: Hashable
    number: int
    unstored_count: int
    response: gateway_pb2.WatchSessionResponse

    @property
    def is_summary(self) -> bool:
        """Whether nothing comes after it."""
        return self.response.event.HasField("summary")


class Feed:
    """What happens in one session. Finals enter it once they are stored."""

    def __init__(self, session_id: str, *, is_elsewhere: bool) -> None:
        """Begin with what happens from now on."""
        self.session_id = session_id
        self.is_elsewhere = is_elsewhere
        self.position = 0
        self.last_number = 0
        """The last final that has entered."""
        self.reading = asyncio.Lock()
        """Held by the follower that reads the store for all."""
        self.may_have_ended = False
        """Whether the session's state may have changed."""
        self.told_count = 0
        """How often the store was said to have something new."""
        self.unstored_count = 0
        """The events that have entered and are not stored: a follower that does not get them never will."""
        self._read_count = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._followers: set[asyncio.Event] = set()
        self._to_wake: dict[asyncio.Event, None] = {}  # in order

    # What happens

    def put(self, event: gateway_pb2.SessionEvent) -> None:
        """Something has happened; what followers know already is passed over."""
        place = place_of(event)
        if event.event_number:
            if event.event_number <= self.last_number:
                return
            self.last_number = event.event_number
        elif self.has_ended or (place in self._entries and self._entries[place].number):
            return  # there is one summary; a partial text behind its final is late
        self.position += 1
        self.unstored_count += not event.event_number
        response = gateway_pb2.WatchSessionResponse(event=event)
        self._entries.pop(place, None)
        self._entries[place] = Entry(self.position, place, event.event_number, self.unstored_count, response)
        if len(self._entries) > MAX_EVENTS:
            self._entries.popitem(last=False)
        self._wake()

    def run_here(self) -> None:
        """The session runs on this replica from now on."""
        self.is_elsewhere = False

    def run_elsewhere(self) -> None:
        """The session does not run on this replica any more."""
        self.is_elsewhere = True
        self.receive_change()

    # What other replicas tell: nothing new while the session runs here

    def receive_stored(self, event_number: int) -> None:
        """The finals up to this one are in the store."""
        if self.is_elsewhere and event_number > self.last_number:
            self.told_count += 1
            self._wake()

    def receive_event(self, event: gateway_pb2.SessionEvent) -> None:
        """Something that is not stored has happened on another replica."""
        if self.is_elsewhere:
            self.put(event)

    def receive_change(self) -> None:
        """Anything may have happened on another replica."""
        if self.is_elsewhere and not self.has_ended:
            self.told_count += 1
            self.may_have_ended = True
            self._wake()

    def note_read(self, told_count: int) -> None:
        """The store has been read after so many tellings."""
        self._read_count = told_count
        if not self.has_unread:
            self.may_have_ended = False

    @property
    def has_unread(self) -> bool:
        """Whether the store may have something that has not entered."""
        return self._read_count < self.told_count

    @property
    def has_ended(self) -> bool:
        """Whether the summary has entered."""
        return _SUMMARY in self._entries

    # Those who follow

    @contextmanager
    def news(self) -> Iterator[asyncio.Event]:
        """Something that is set, while the block runs, whenever there is something new."""
        follower = asyncio.Event()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    @property
    def has_followers(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self._followers)

    @property
    def behind_count(self) -> int:
        """Followers that have not taken what is new."""
        return sum(follower.is_set() or follower in self._to_wake for follower in self._followers)

    def after(self, position: int) -> list[Entry]:
        """What has happened since, in order."""
        newer = takewhile(lambda entry: entry.position > position, reversed(self._entries.values()))
        return list(newer)[::-1]

    def is_newest(self, entry: Entry) -> bool:
        """Whether nothing has replaced the entry."""
        return self._entries.get(entry.place) is entry

    def _wake(self) -> None:
        is_waking = bool(self._to_wake)
        self._to_wake.update(dict.fromkeys(self._followers))
        if self._to_wake and not is_waking:
            self._wake_some()

    def _wake_some(self) -> None:
        for follower in list(islice(self._to_wake, _WOKEN_AT_ONCE)):
            del self._to_wake[follower]
            follower.set()
        if self._to_wake:
            asyncio.get_running_loop().call_soon(self._wake_some)
