"""One target of a session."""

import pytest

from livetranslate.glossary import Glossary
from mt.answer import Answer, Notice, Revision
from mt.job import Job, JobKind, Route, RouteModel, Segment, Translation
from mt.lane import _OPEN_COUNT, Lane
from mt.policy import Policy, Target

ROUTE = Route("es", (RouteModel("mt_test", "en", "es"),))


@pytest.fixture
def lane() -> Lane:
    return Lane(Target("es"), Glossary(), draft_interval_seconds=0.5)


def receive(lane: Lane, segment_id: str, text: str = "hello", *, is_final: bool = True) -> None:
    lane.receive(Segment(segment_id, 1, text, is_final=is_final, language_code="en"), ROUTE, ())


def shout(lane: Lane, *jobs: Job) -> None:
    for job in jobs:
        lane.receive_translation(job, Translation(job.text.upper()))


def texts(answers: list[Answer]) -> list[tuple[str, str]]:
    return [(answer.segment_id, answer.committed_text) for answer in answers if isinstance(answer, Revision)]


def test_finals_are_answered_in_the_order_of_segments(lane: Lane) -> None:
    """A final that is translated early waits for those before it."""
    receive(lane, "1", "one")
    receive(lane, "2", "two")
    first, second = lane.jobs_to_start(0)
    shout(lane, second)
    assert list(lane.answers_to_send()) == []
    shout(lane, first)
    assert texts(list(lane.answers_to_send())) == [("1", "ONE"), ("2", "TWO")]
    assert lane.final_count == 0


def test_clauses_wait_for_the_finals_before(lane: Lane) -> None:
    """What is committed of a segment comes after all of the one before; that one's clauses come as they are ready."""
    receive(lane, "1", "We came. Then we left.")
    receive(lane, "2", "We slept. Then", is_final=False)
    first, last, next_segments, _ = lane.jobs_to_start(0)
    shout(lane, next_segments, first)
    assert texts(list(lane.answers_to_send())) == [("1", "WE CAME.")]
    shout(lane, last)
    assert texts(list(lane.answers_to_send())) == [("1", "WE CAME. THEN WE LEFT."), ("2", "WE SLEPT.")]


def test_an_empty_final_needs_no_model(lane: Lane) -> None:
    """A final without words is answered by an empty final, in its place."""
    receive(lane, "1", "")
    assert list(lane.jobs_to_start(0)) == []
    assert texts(list(lane.answers_to_send())) == [("1", "")]


def test_a_failed_final_becomes_a_notice(lane: Lane) -> None:
    """A final that failed is told in its place, and the next goes on."""
    receive(lane, "1")
    receive(lane, "2", "two")
    first, second = lane.jobs_to_start(0)
    lane.receive_failure(first, "MODEL_BUSY")
    shout(lane, second)
    notice, revision = lane.answers_to_send()
    assert isinstance(notice, Notice)
    assert isinstance(revision, Revision)


def test_a_failed_clause_gives_up_its_segment(lane: Lane) -> None:
    """The other clauses and the draft of a segment are cancelled when one of its clauses fails."""
    receive(lane, "1", "We came. Then we left. Now", is_final=False)
    first, second, draft = lane.jobs_to_start(0)
    assert draft.kind is JobKind.DRAFT
    lane.receive_failure(first, "MODEL_BUSY")
    assert lane.jobs_to_cancel() == [second, draft]
    shout(lane, second, draft)
    assert list(lane.answers_to_send()) == []


def test_a_failed_draft_is_dropped(lane: Lane) -> None:
    """A draft that failed is not spoken of, and the next one may start."""
    receive(lane, "1", is_final=False)
    (draft,) = lane.jobs_to_start(0)
    lane.receive_failure(draft, "MODEL_BUSY")
    assert list(lane.answers_to_send()) == []
    receive(lane, "1", "hello all", is_final=False)
    assert len(list(lane.jobs_to_start(1))) == 1


def test_a_clause_restarts_the_draft(lane: Lane) -> None:
    """When a clause is complete the draft that covers it is cancelled, and one of the rest starts at once."""
    receive(lane, "1", "We came.", is_final=False)
    (draft,) = lane.jobs_to_start(0)
    receive(lane, "1", "We came. Then", is_final=False)
    assert lane.jobs_to_cancel() == [draft]
    assert [job.text for job in lane.jobs_to_start(0)] == ["We came.", "Then"]


def test_segments_that_never_become_final_are_forgotten(lane: Lane) -> None:
    """Of segments that are not final only some are kept; one that was forgotten begins anew."""
    receive(lane, "0", "We came. Then", is_final=False)
    clause, draft = lane.jobs_to_start(0)
    for number in range(1, _OPEN_COUNT + 1):
        receive(lane, str(number), is_final=False)
    assert lane.jobs_to_cancel() == [clause, draft]
    receive(lane, "0", "We came. Then.")
    assert [job.text for job in lane.jobs_to_start(0) if job.segment.segment_id == "0"] == ["We came.", "Then."]


def test_a_new_policy_holds_for_the_segments_after(lane: Lane) -> None:
    """A segment goes on as it began, and the next one as the target then says."""
    receive(lane, "1", "We came.", is_final=False)
    lane.target = Target("es", Policy.SEGMENTS)
    receive(lane, "1", "We came. Then", is_final=False)
    receive(lane, "2", "We came. Then", is_final=False)
    assert [job.segment.segment_id for job in lane.jobs_to_start(0) if job.kind is JobKind.CLAUSE] == ["1"]


def test_the_end_leaves_the_finals(lane: Lane) -> None:
    """At the end segments that are not final are given up, with their drafts."""
    receive(lane, "1")
    receive(lane, "2", "We came. Then", is_final=False)
    final, clause, draft = lane.jobs_to_start(0)
    lane.finish()
    assert set(lane.jobs_to_cancel()) == {clause, draft}
    shout(lane, final, clause, draft)
    assert texts(list(lane.answers_to_send())) == [("1", "HELLO")]


def test_a_closed_lane_hands_back_what_runs(lane: Lane) -> None:
    """Closing gives up finals and draft alike; those already translated need no cancelling."""
    receive(lane, "1")
    receive(lane, "2")
    receive(lane, "3", "and", is_final=False)
    first, second, draft = lane.jobs_to_start(0)
    shout(lane, second)
    assert set(lane.close()) == {first, draft}
    shout(lane, first, draft)
    assert list(lane.answers_to_send()) == []
    assert lane.close() == []
