"""The drafts of one target."""

from livetranslate.glossary import Glossary
from mt.draft import DraftSlot
from mt.job import Job, Route, RouteModel, Segment
from mt.passage import Passage
from mt.policy import Target

ROUTE = Route("es", (RouteModel("mt_test", "en", "es"),))


def passage(text: str = "good", *, takes: frozenset[str] = frozenset()) -> Passage:
    made = Passage(Target("es"), Glossary(), ())
    revise(made, text, takes=takes)
    return made


def revise(made: Passage, text: str, *, takes: frozenset[str] = frozenset()) -> None:
    made.receive(Segment("1", 1, text, language_code="en"), Route("es", (RouteModel("mt_test", "en", "es", takes),)))


def started(slot: DraftSlot, now_seconds: float = 0.0) -> Job:
    job = slot.job_to_start(now_seconds)
    assert job is not None
    return job


def test_only_the_newest_waits() -> None:
    """Of several revisions that wait only the newest is drafted."""
    slot = DraftSlot(0.5)
    good = passage()
    slot.offer(good)
    revise(good, "good morning")
    slot.offer(good)
    assert started(slot).text == "good morning"
    assert slot.job_to_start(100) is None


def test_one_at_a_time_and_not_too_often() -> None:
    """A draft waits for the one under way, and for the interval since that one started."""
    slot = DraftSlot(0.5)
    slot.offer(passage())
    first = started(slot, 10)
    slot.offer(passage("good morning"))
    assert slot.job_to_start(99) is None
    slot.finish(first)
    assert slot.due_seconds == 10.5
    assert slot.job_to_start(10.4) is None
    assert slot.job_to_start(10.5) is not None


def test_a_passage_without_words_has_no_draft() -> None:
    """A revision without words starts none, and does not delay the next."""
    slot = DraftSlot(60)
    slot.offer(passage("  "))
    assert slot.job_to_start(0) is None
    slot.offer(passage())
    assert slot.job_to_start(0) is not None


def test_a_complete_clause_restarts_the_draft() -> None:
    """The draft under way is given up and the next one starts at once, though the interval is not over."""
    slot = DraftSlot(60)
    good = passage()
    slot.offer(good)
    first = started(slot)
    assert slot.restart(good) is first
    assert slot.finish(first) is None
    assert slot.job_to_start(0.1) is not None


def test_a_draft_waits_for_the_clauses_that_it_continues() -> None:
    """Where a model continues the translation before, drafts wait until that is there."""
    slot = DraftSlot(0)
    slot.offer(passage("We went home. Then", takes=frozenset(["prefix"])))
    assert slot.due_seconds is None
    assert slot.job_to_start(1) is None
    slot.offer(passage("We went home. Then"))
    assert started(slot, 1).text == "Then"


def test_a_final_supersedes_the_drafts_of_its_passage() -> None:
    """Once a segment is final its drafts are forgotten, wherever they are."""
    slot = DraftSlot(0)
    good = passage()
    slot.offer(good)
    first = started(slot)
    slot.offer(good)
    assert slot.supersede(good) is first
    assert slot.finish(first) is None
    assert slot.job_to_start(2) is None
    assert slot.supersede(good) is None


def test_a_final_leaves_other_passages_alone() -> None:
    """The drafts of the segment after a final go on."""
    slot = DraftSlot(0)
    other, final = passage("and then"), passage()
    slot.offer(other)
    job = started(slot)
    slot.offer(other)
    assert slot.supersede(final) is None
    assert slot.finish(job) is other
    assert slot.job_to_start(1) is not None


def test_clearing_forgets_everything() -> None:
    """After `clear` nothing waits, and the job under way is handed back."""
    slot = DraftSlot(0)
    slot.offer(passage())
    job = slot.job_to_start(0)
    slot.offer(passage("good morning"))
    assert slot.clear() is job
    assert slot.clear() is None
    assert slot.job_to_start(0) is None
