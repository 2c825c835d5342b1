"""Which sessions run here, who follows them, and what is published of them."""

from contextlib import ExitStack

import pytest

from gateway.events import Checkpoint, Event, Speech, Started, Summary
from gateway.store.bus import SessionBus
from gateway.viewers import Viewers
from livetranslate.errors import ResourceExhaustedError
from livetranslate.v1 import gateway_pb2
from tests.gateway.replica import partial

SESSION_ID = "session"


class Bus(SessionBus):
    """A bus without a connection, whose sessions are wanted or not; it keeps what is published."""

    def __init__(self) -> None:
        super().__init__("postgresql://")
        self.wanted: set[str] = set()
        self.published: list[gateway_pb2.SessionEvent] = []

    def is_wanted(self, session_id: str) -> bool:
        return session_id in self.wanted

    def publish_partial(self, session_id: str, event: gateway_pb2.SessionEvent) -> None:
        assert session_id in self.wanted
        self.published.append(event)


@pytest.fixture
def bus() -> Bus:
    return Bus()


def test_all_viewers_share_one_feed_and_one_message(bus: Bus) -> None:
    """An event is converted once, whoever follows; the feed goes with the last viewer."""
    viewers = Viewers(bus)
    with viewers.session(SESSION_ID) as running:
        with viewers.following(SESSION_ID) as feed, feed.news():
            with viewers.following(SESSION_ID) as other, other.news():
                assert other is feed
            running.show(partial(1, "a"))
            assert [entry.response.event.transcript.revision.unstable_text for entry in feed.after(0)] == ["a"]
        assert viewers.feed_of(SESSION_ID) is None


def test_viewers_get_no_speech_and_no_token(bus: Bus) -> None:
    """What is only for the one who speaks does not enter the feed."""
    viewers = Viewers(bus)
    bus.wanted.add(SESSION_ID)
    with viewers.session(SESSION_ID) as running, viewers.following(SESSION_ID) as feed:
        running.show(Event(0, Started(SESSION_ID, resume_token="secret")))  # noqa: S106 - an example
        running.show(Event(0, Speech("1", "es", True, None)))
        assert feed.after(0) == []
    assert bus.published == []


def test_only_what_is_not_stored_is_published_and_only_where_wanted(bus: Bus) -> None:
    """Finals and the end others read from the store."""
    viewers = Viewers(bus)
    with viewers.session(SESSION_ID) as running:
        running.show(partial(1, "nobody"))
        bus.wanted.add(SESSION_ID)
        final = Event(7, partial(1, "final").body)
        for event in (partial(1, "somebody"), final, Event(0, Checkpoint(1, 1)), Event(0, Summary(SESSION_ID))):
            running.show(event)
    assert [event.WhichOneof("event") for event in bus.published] == ["transcript", "checkpoint"]
    assert bus.published[0].transcript.revision.unstable_text == "somebody"


def test_a_session_that_runs_here_anew_stays_here(bus: Bus) -> None:
    """Where a stream took the session over from another one of this replica, the end of that one changes nothing."""
    viewers = Viewers(bus)
    with viewers.following(SESSION_ID) as feed, feed.news(), ExitStack() as before:
        elsewhere = [feed.is_elsewhere]
        before.enter_context(viewers.session(SESSION_ID))
        with viewers.session(SESSION_ID):
            before.close()
            elsewhere.append(feed.is_elsewhere)
        elsewhere.append(feed.is_elsewhere)
    assert elsewhere == [True, False, True]
    assert feed.may_have_ended


def test_a_viewer_that_is_one_too_many_is_refused(bus: Bus) -> None:
    """Over all sessions; a place that becomes free can be taken."""
    viewers = Viewers(bus, max_viewers=2)
    with viewers.following("first"):
        with viewers.following("second"), pytest.raises(ResourceExhaustedError) as raised, viewers.following("third"):
            pass
        with viewers.following("third") as feed:
            assert feed.session_id == "third"
    assert (raised.value.reason, raised.value.metadata) == ("VIEWERS_FULL", {"limit": "2"})
