"""One target of a session."""

import pytest

from mt.answer import Notice, Revision, Trouble
from mt.job import Route, RouteModel, Segment, Translation
from mt.lane import MAX_TEXT_CHARACTERS, Lane

ROUTE = Route("es", (RouteModel("mt_test", "en", "es"),))


@pytest.fixture
def lane() -> Lane:
    return Lane(ROUTE, draft_interval_seconds=0.5)


def final(segment_id: str, text: str = "hello") -> Segment:
    return Segment(segment_id, 1, text, is_final=True)


def test_finals_are_answered_in_the_order_of_segments(lane: Lane) -> None:
    """A final that is translated early waits for those before it."""
    lane.receive_final(final("1"))
    lane.receive_final(final("2"))
    first, second = lane.jobs_to_start(0)
    lane.receive_translation(second, Translation("dos"))
    assert list(lane.answers_to_send()) == []
    lane.receive_translation(first, Translation("uno"))
    assert list(lane.answers_to_send()) == [
        Revision(first, Translation("uno")),
        Revision(second, Translation("dos")),
    ]
    assert lane.final_count == 0


def test_an_empty_final_needs_no_model(lane: Lane) -> None:
    """A final without words is answered by an empty final, in its place."""
    lane.receive_final(final("1", ""))
    assert list(lane.jobs_to_start(0)) == []
    (answer,) = lane.answers_to_send()
    assert isinstance(answer, Revision)
    assert answer.translation.text == ""


def test_a_failed_final_becomes_a_notice(lane: Lane) -> None:
    """A final that failed is told by segment, language and reason, never by its text; the next goes on."""
    lane.receive_final(final("1", "a secret"))
    lane.receive_final(final("2"))
    first, second = lane.jobs_to_start(0)
    lane.receive_failure(first, "MODEL_BUSY")
    lane.receive_translation(second, Translation("hola"))
    notice, revision = lane.answers_to_send()
    assert isinstance(notice, Notice)
    assert (notice.trouble, notice.segment_id, notice.language_code) == (Trouble.TRANSLATION_FAILED, "1", "es")
    assert "MODEL_BUSY" in notice.message
    assert "secret" not in notice.message
    assert isinstance(revision, Revision)


def test_a_text_that_is_too_long_never_reaches_the_model(lane: Lane) -> None:
    """A segment over the limit is a notice once it is final, and has no drafts."""
    text = "x" * (MAX_TEXT_CHARACTERS + 1)
    lane.receive_draft(Segment("1", 1, text, is_final=False))
    lane.receive_final(final("1", text))
    assert list(lane.jobs_to_start(0)) == []
    (notice,) = lane.answers_to_send()
    assert isinstance(notice, Notice)
    assert "10,000" in notice.message


def test_a_closed_lane_hands_back_what_runs(lane: Lane) -> None:
    """Closing gives up finals and draft alike; those already translated need no cancelling."""
    lane.receive_final(final("1"))
    lane.receive_final(final("2"))
    lane.receive_draft(Segment("3", 1, "and", is_final=False))
    _, second, draft = lane.jobs_to_start(0)
    lane.receive_translation(second, Translation("dos"))
    jobs = lane.close()
    assert [job.segment.segment_id for job in jobs] == ["1", "3"]
    assert draft in jobs
    lane.receive_translation(draft, Translation("y"))
    assert list(lane.answers_to_send()) == []
    assert lane.close() == []
