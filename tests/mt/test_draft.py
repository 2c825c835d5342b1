"""The drafts of one target."""

from mt.answer import Revision
from mt.draft import DraftSlot
from mt.job import Route, RouteModel, Segment, Translation

ROUTE = Route("es", (RouteModel("mt_test", "en", "es"),))
DONE = Translation("hecho")


def draft(text: str, segment_id: str = "1") -> Segment:
    return Segment(segment_id, 1, text, is_final=False)


def test_only_the_newest_waits() -> None:
    """Of several drafts that wait only the newest is translated."""
    slot = DraftSlot(ROUTE, 0.5)
    slot.offer(draft("good"))
    slot.offer(draft("good morning"))
    job = slot.job_to_start(0)
    assert job is not None
    assert job.segment.text == "good morning"
    assert slot.job_to_start(100) is None


def test_one_at_a_time_and_not_too_often() -> None:
    """A draft waits for the one under way, and for the interval since that one started."""
    slot = DraftSlot(ROUTE, 0.5)
    slot.offer(draft("good"))
    first = slot.job_to_start(10)
    assert first is not None
    slot.offer(draft("good morning"))
    assert slot.job_to_start(99) is None
    slot.finish(first, DONE)
    assert slot.due_seconds == 10.5
    assert slot.job_to_start(10.4) is None
    assert slot.job_to_start(10.5) is not None


def test_a_draft_without_words_is_none() -> None:
    """A revision without words takes back the draft that waits and starts none."""
    slot = DraftSlot(ROUTE, 0)
    slot.offer(draft("good"))
    slot.offer(draft("  "))
    assert slot.due_seconds is None
    assert slot.job_to_start(0) is None


def test_a_final_supersedes_the_drafts_of_its_segment() -> None:
    """Once a segment is final its drafts are forgotten, wherever they are."""
    slot = DraftSlot(ROUTE, 0)
    slot.offer(draft("good"))
    first = slot.job_to_start(0)
    assert first is not None
    slot.finish(first, DONE)
    slot.offer(draft("good morning"))
    second = slot.job_to_start(1)
    assert second is not None
    slot.offer(draft("good morning all"))
    assert slot.supersede("1") is second
    slot.finish(second, DONE)
    assert slot.answer_to_send() is None
    assert slot.job_to_start(2) is None


def test_a_final_leaves_other_segments_alone() -> None:
    """The drafts of the segment after a final go on."""
    slot = DraftSlot(ROUTE, 0)
    slot.offer(draft("and then", "2"))
    job = slot.job_to_start(0)
    assert job is not None
    slot.offer(draft("and then we", "2"))
    assert slot.supersede("1") is None
    slot.finish(job, DONE)
    assert slot.supersede("1") is None
    assert slot.answer_to_send() == Revision(job, DONE)
    assert slot.job_to_start(1) is not None


def test_a_failed_draft_is_dropped() -> None:
    """A draft that failed is not spoken of, and the next one may start."""
    slot = DraftSlot(ROUTE, 0)
    slot.offer(draft("good"))
    job = slot.job_to_start(0)
    assert job is not None
    slot.finish(job, None)
    assert slot.answer_to_send() is None
    slot.offer(draft("good morning"))
    assert slot.job_to_start(0) is not None


def test_clearing_forgets_everything() -> None:
    """After `clear` nothing waits, and the job under way is handed back."""
    slot = DraftSlot(ROUTE, 0)
    slot.offer(draft("good"))
    job = slot.job_to_start(0)
    slot.offer(draft("good morning"))
    assert slot.clear() is job
    assert slot.clear() is None
    assert slot.job_to_start(0) is None
