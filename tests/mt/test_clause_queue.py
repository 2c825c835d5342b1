"""The clauses of one segment in one target."""

from mt.clause_queue import ClauseQueue
from mt.clauses import Clause
from mt.job import Job, Route, Segment, Translation

ROUTE = Route("es", ())
FIRST, SECOND, THIRD = Clause("We came", 0, 10), Clause("and saw.", 8, 20), Clause("Then we left.", 17, 30)


def job_for(clause: Clause, place: int) -> Job:
    return Job(Segment("1", place, ""), ROUTE, clause.text)


def queue(*clauses: Clause, continues_sentence: bool = False) -> ClauseQueue:
    waiting = ClauseQueue("es", continues_sentence=continues_sentence)
    waiting.add(clauses)
    return waiting


def test_clauses_are_committed_in_order() -> None:
    """A clause translated early waits for those before it, and then stands after them."""
    waiting = queue(FIRST, SECOND)
    first, second = waiting.jobs_to_start(4, job_for)
    waiting.receive_translation(second, Translation("Y vimos."))
    assert (waiting.text, waiting.end) == ("", 0)
    waiting.receive_translation(first, Translation("Vinimos."))
    told = [(done.clause, done.text) for done in waiting.committed]
    assert told == [(FIRST, "Vinimos"), (SECOND, "Vinimos y vimos.")]
    assert (waiting.text, waiting.end) == ("Vinimos y vimos.", 16)
    assert waiting.is_empty


def test_only_some_are_under_way() -> None:
    """No more clauses than allowed are under way; the next starts when the first is committed, told its place."""
    waiting = queue(FIRST, SECOND, THIRD)
    first, second = waiting.jobs_to_start(2, job_for)
    assert waiting.jobs_to_start(2, job_for) == []
    waiting.receive_translation(second, Translation("y vimos"))
    assert waiting.jobs_to_start(2, job_for) == []
    waiting.receive_translation(first, Translation("vinimos"))
    (third,) = waiting.jobs_to_start(2, job_for)
    assert (third.text, third.segment.revision) == ("Then we left.", 2)


def test_what_follows_is_fitted() -> None:
    """After a whole sentence a capital letter stays, within one it does not, nor where the first goes on with one."""
    waiting = queue(FIRST, SECOND)
    places = [waiting.fitted("Ahora", "now")]
    for job, text in zip(waiting.jobs_to_start(4, job_for), ("Vinimos", "y vimos."), strict=True):
        waiting.receive_translation(job, Translation(text))
        places.append(waiting.fitted("Ahora", "now"))
    assert places == ["Ahora", "ahora", "Ahora"]
    assert queue(continues_sentence=True).fitted("Ahora", "now") == "ahora"


def test_what_is_given_up_is_forgotten() -> None:
    """Clauses that wait are dropped, jobs under way handed back, and what these give is ignored."""
    waiting = queue(FIRST, SECOND, THIRD)
    first, second = waiting.jobs_to_start(2, job_for)
    waiting.receive_translation(second, Translation("y vimos"))
    assert waiting.owns(first)
    assert waiting.give_up() == [first]
    assert not waiting.owns(first)
    waiting.receive_translation(first, Translation("vinimos"))
    assert (waiting.text, waiting.is_empty) == ("", True)
