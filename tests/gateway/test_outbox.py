"""What a slow reader misses, and what not."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Body, Checkpoint, Event, Notice, NoticeKind, SpeechActivity, Transcript, Translation
from gateway.outbox import Outbox
from tests.gateway.bodies import draft, final, partial, spoken, translated


def bodies(outbox: Outbox) -> list[Body]:
    return [event.body for event in outbox.take()]


def test_a_partial_gives_way_where_it_waits() -> None:
    """The newest partial text of a segment and language is told in the place of the first."""
    outbox = Outbox()
    body: Body
    for body in (partial(0, "a"), draft(0), partial(1, "b"), partial(0, "a c"), draft(0, "ca")):
        outbox.put(Event(0, body))
    assert bodies(outbox) == [partial(0, "a c"), draft(0), partial(1, "b"), draft(0, "ca")]


def test_a_final_ends_the_partial_that_waits() -> None:
    """Of a segment that is final only that is told, and a partial that comes too late does not replace it."""
    outbox = Outbox()
    late = partial(0)
    body: Body
    for body in (partial(0), draft(0), final(0), translated(0), late):
        outbox.put(Event(0, body))
    assert bodies(outbox) == [final(0), translated(0), late]


def test_what_nobody_has_seen_is_counted() -> None:
    """Partial texts that gave way, to a newer one or to the final; not checkpoints, and not what was taken before."""
    outbox = Outbox()
    body: Body
    for body in (partial(0, "a"), partial(0, "a b"), draft(0), final(0), Checkpoint(1, 0), Checkpoint(2, 1)):
        outbox.put(Event(0, body))
    assert (len(outbox), outbox.coalesced_count) == (3, 2)
    assert len(bodies(outbox)) == 3
    outbox.put(Event(0, translated(0)))
    assert (len(outbox), outbox.coalesced_count) == (1, 2)


def test_a_checkpoint_stays_behind_the_finals_it_covers() -> None:
    """Only the newest checkpoint waits, and nothing that it covers comes after it."""
    outbox = Outbox()
    body: Body
    for body in (Checkpoint(1, 0), final(0), Checkpoint(2, 1)):
        outbox.put(Event(0, body))
    assert bodies(outbox) == [final(0), Checkpoint(2, 1)]


def test_no_start_and_no_end_of_speech_gives_way() -> None:
    """They are told in their places among the partial texts."""
    outbox = Outbox()
    start, end = SpeechActivity("a", 0, is_start=True), SpeechActivity("a", 1, is_start=False)
    body: Body
    for body in (start, partial(0, "a"), end, partial(0, "a b")):
        outbox.put(Event(0, body))
    assert bodies(outbox) == [start, partial(0, "a b"), end]


def test_there_is_room_until_the_limit() -> None:
    """Partials that replace one another take no room; as many events as the limit leave none."""
    outbox = Outbox(max_waiting_events=2)
    for text in "abc":
        outbox.put(Event(0, partial(0, text)))
    had_room = outbox.has_room
    outbox.put(Event(0, spoken(0)))
    assert (had_room, outbox.has_room) == (True, False)
    next(outbox.take())
    assert bool(outbox.has_room)


def test_an_event_leaves_when_it_is_asked_for() -> None:
    """What comes while an event is being sent is told with the rest, and a partial that waits is still replaced."""
    outbox = Outbox()
    outbox.put(Event(0, spoken(0)))
    outbox.put(Event(0, partial(1, "a")))
    taken = outbox.take()
    assert next(taken).body == spoken(0)
    outbox.put(Event(0, partial(1, "a b")))
    assert [event.body for event in taken] == [partial(1, "a b")]


EVENTS = st.one_of(
    st.builds(partial, st.integers(0, 2), st.text(max_size=1)),
    st.builds(draft, st.integers(0, 2), st.sampled_from(["es", "ca"])),
    st.builds(final, st.integers(0, 2)),
    st.builds(translated, st.integers(0, 2), st.sampled_from(["es", "ca"])),
    st.builds(spoken, st.integers(0, 2), chunk=st.integers()),
    st.builds(Checkpoint, st.integers(0, 9), st.integers(0, 9)),
    st.just(Notice(NoticeKind.DRAINING, "soon")),
)


@given(st.lists(st.one_of(EVENTS, st.none())))
def test_only_partials_and_old_checkpoints_are_missed(steps: list[Body | None]) -> None:
    """However events and readings interleave, everything else arrives once, in order, and the last checkpoint too."""
    outbox = Outbox()
    put: list[Body] = []
    got: list[Body] = []
    for step in steps:
        if step is None:
            got += bodies(outbox)
        else:
            put.append(step)
            outbox.put(Event(0, step))
    got += bodies(outbox)
    assert [body for body in got if not _may_be_missed(body)] == [body for body in put if not _may_be_missed(body)]
    assert [body for body in got if isinstance(body, Checkpoint)][-1:] == [
        body for body in put if isinstance(body, Checkpoint)
    ][-1:]


def _may_be_missed(body: Body) -> bool:
    return isinstance(body, Checkpoint) or (isinstance(body, Transcript | Translation) and not body.is_final)
