"""One segment on its way into one target."""

from dataclasses import replace

import pytest

from livetranslate.glossary import Glossary
from mt.answer import Notice, Revision, Trouble
from mt.job import Job, JobKind, Route, RouteModel, Segment, SourceWord, Translation
from mt.passage import MAX_TEXT_CHARACTERS, Passage
from mt.policy import Policy, Target
from mt.quality import QualityReason

ROUTE = Route("es", (RouteModel("mt_test", "en", "es"),))
PREFIX_ROUTE = Route("es", (RouteModel("mt_test", "en", "es", frozenset(["prefix", "context"])),))


def passage(policy: Policy = Policy.CLAUSES, history: tuple[Segment, ...] = ()) -> Passage:
    return Passage(Target("es", policy), Glossary(), history)


def partial(committed: str, unstable: str = "", revision: int = 1) -> Segment:
    words = tuple(SourceWord(word, 10 * place, 10 * place + 10) for place, word in enumerate(committed.split()))
    return Segment(
        "1", revision, committed, unstable, language_code="en", words=words, received_seconds=revision, traceparent="t"
    )


def final(text: str, revision: int = 9) -> Segment:
    return replace(partial(text, revision=revision), is_final=True)


def say(made: Passage, text: str, **more: object) -> Job:
    """Translate the one clause that is due as `text`."""
    (job,) = made.jobs_to_start()
    made.receive_translation(job, replace(Translation(text, model="mt_test"), **more))  # type: ignore[arg-type]
    return job


def draft(made: Passage, text: str) -> Job:
    """Draft the tail as `text`."""
    job = made.draft_job()
    assert job is not None
    made.receive_draft(job, Translation(text, model="mt_draft"))
    return job


def told(made: Passage) -> tuple[str, str]:
    """The committed and the unstable text of the next answer."""
    answer = made.answer_to_send()
    assert isinstance(answer, Revision)
    return answer.committed_text, answer.unstable_text


def test_a_clause_is_committed_before_the_final() -> None:
    """The translation of a clause comes when it is complete, and grows by the others; the final one is the last."""
    made = passage()
    assert made.receive(partial("We went home."), ROUTE) is False
    assert made.receive(partial("We went home. Then"), ROUTE) is True
    assert say(made, "Fuimos a casa.").text == "We went home."
    assert told(made) == ("Fuimos a casa.", "")
    assert made.answer_to_send() is None
    made.receive(final("We went home. Then it rained."), ROUTE)
    assert made.answer_to_send() is None
    assert say(made, "Entonces llovió.").text == "Then it rained."
    answer = made.answer_to_send()
    assert isinstance(answer, Revision)
    assert (answer.committed_text, answer.is_final) == ("Fuimos a casa. Entonces llovió.", True)
    assert made.is_answered
    assert made.answer_to_send() is None


def test_a_revision_says_what_it_is_made_of() -> None:
    """A revision tells how far it reaches, when what is new in it came, and how good all of it is."""
    made = passage()
    made.receive(partial("We went home. Then", revision=3), ROUTE)
    say(made, "Fuimos a casa.", model_seconds=0.5, quality=0.4, reasons=(QualityReason.LENGTH,), traceparent="span")
    first = made.answer_to_send()
    assert isinstance(first, Revision)
    assert (first.source_revision, first.received_seconds, first.model_seconds) == (3, 3, 0.5)
    assert (first.source_end_sample, first.model, first.traceparent) == (30, "mt_test", "span")
    made.receive(final("We went home. Then it rained."), ROUTE)
    say(made, "Entonces llovió.", model_seconds=0.25)
    last = made.answer_to_send()
    assert isinstance(last, Revision)
    assert (last.source_revision, last.received_seconds, last.model_seconds) == (9, 9, 0.25)
    assert (last.source_end_sample, last.reasons, last.traceparent) == (60, (QualityReason.LENGTH,), "t")
    assert 0.4 < last.quality < 1


def test_by_segments_nothing_is_committed_before_all_is() -> None:
    """The other policy translates the final text, sentence by sentence, and tells it at once."""
    made = passage(Policy.SEGMENTS)
    assert made.receive(partial("We went home. Then"), ROUTE) is False
    assert made.jobs_to_start() == []
    made.receive(final("We went home. Then, because it rained and rained, we slept."), ROUTE)
    first, second = made.jobs_to_start()
    assert (first.text, second.text) == ("We went home.", "Then, because it rained and rained, we slept.")
    made.receive_translation(first, Translation("Fuimos a casa."))
    assert made.answer_to_send() is None
    made.receive_translation(second, Translation("Luego dormimos."))
    assert told(made) == ("Fuimos a casa. Luego dormimos.", "")


def test_the_pair_decides_where_no_policy_was_named() -> None:
    """From a language that puts the verb last a translation waits for the final."""
    made = passage(Policy.UNSPECIFIED)
    made.receive(replace(partial("We went home. Then"), language_code="ja"), ROUTE)
    assert made.jobs_to_start() == []


def test_the_draft_follows_the_committed_text() -> None:
    """What comes after the last clause is drafted, told after the committed text, and fits it."""
    made = passage()
    made.receive(partial("We went home", "and slept"), ROUTE)
    job = draft(made, "Fuimos a casa y dormimos.")
    assert (job.text, job.kind, job.before) == ("We went home and slept", JobKind.DRAFT, "")
    assert told(made) == ("", "Fuimos a casa y dormimos")
    made.receive(partial("We went home and", "slept"), ROUTE)
    clause = say(made, "Fuimos a casa")
    assert clause.text == "We went home"
    assert told(made) == ("Fuimos a casa", "y dormimos")
    assert draft(made, "Y dormimos.").before == "We went home"
    assert made.answer_to_send() is None  # it says nothing new
    draft(made, "Y dormimos bien.")
    assert made.answer_to_send() is None
    draft(made, "Y dormimos bien anoche.")
    assert told(made) == ("Fuimos a casa", "y dormimos bien")


def test_each_clause_has_an_answer_of_its_own() -> None:
    """Clauses that were translated at once are told one after the other, the last one by the final."""
    made = passage()
    made.receive(final("We went home and slept. Then we ate."), ROUTE)
    jobs = made.jobs_to_start()
    for job, text in zip(jobs, ("Fuimos a casa", "y dormimos.", "Luego comimos."), strict=True):
        made.receive_translation(job, Translation(text))
    assert told(made) == ("Fuimos a casa", "")
    assert told(made) == ("Fuimos a casa y dormimos.", "")
    answer = made.answer_to_send()
    assert isinstance(answer, Revision)
    assert (answer.committed_text, answer.is_final) == ("Fuimos a casa y dormimos. Luego comimos.", True)
    assert made.answer_to_send() is None


def test_a_draft_waits_until_the_clause_before_it_is_committed() -> None:
    """A draft that begins after a clause is told with that clause."""
    made = passage()
    made.receive(partial("We went home and", "slept"), ROUTE)
    draft(made, "Y dormimos")
    assert made.answer_to_send() is None
    say(made, "Fuimos a casa")
    assert told(made) == ("Fuimos a casa", "y dormimos")


def test_a_revision_without_anything_new_says_nothing() -> None:
    """A segment that has no words is drafted not at all and told of not before its final."""
    made = passage()
    made.receive(partial(""), ROUTE)
    assert made.draft_job() is None
    assert made.answer_to_send() is None
    made.receive(final(""), ROUTE)
    answer = made.answer_to_send()
    assert isinstance(answer, Revision)
    assert (answer.committed_text, answer.is_final, answer.quality, answer.model) == ("", True, 1.0, "mt_test")


def test_a_draft_is_written_as_its_language_is() -> None:
    """Committed and unstable text are drafted as one text, without a space where none is written."""
    made = passage()
    made.receive(replace(partial("今日は", "元気です"), language_code="ja"), ROUTE)
    job = made.draft_job()
    assert job is not None
    assert job.text == "今日は元気です"


def test_an_older_revision_changes_nothing() -> None:
    """A revision that clauses have gone beyond is not drafted."""
    made = passage()
    made.receive(partial("We went home. Then it"), ROUTE)
    assert made.receive(partial("We went", "there"), ROUTE) is False
    job = made.draft_job()
    assert job is not None
    assert job.text == "Then it"


def test_a_failed_clause_becomes_a_notice_at_the_final() -> None:
    """A failure ends the passage: its other jobs are cancelled, and instead of the final comes a notice."""
    made = passage()
    made.receive(partial("We went home. Then we slept. Now"), ROUTE)
    first, second = made.jobs_to_start()
    assert made.receive_failure(first, "MODEL_BUSY") == [second]
    made.receive_translation(second, Translation("secreto"))
    assert made.draft_job() is None
    made.receive(partial("We went home. Then we slept. Now it rains. And"), ROUTE)
    assert made.jobs_to_start() == []
    assert made.answer_to_send() is None
    made.receive(final("We went home. Then we slept. Now it rains. And snows."), ROUTE)
    notice = made.answer_to_send()
    assert isinstance(notice, Notice)
    assert (notice.trouble, notice.segment_id, notice.language_code) == (Trouble.TRANSLATION_FAILED, "1", "es")
    assert "MODEL_BUSY" in notice.message
    assert "went" not in notice.message
    assert made.answer_to_send() is None


def test_a_job_that_was_given_up_is_ignored() -> None:
    """Neither the failure nor the result of a job that is none of the passage's changes anything."""
    made = passage()
    made.receive(partial("We went home. Then"), ROUTE)
    (job,) = made.jobs_to_start()
    stranger = Job(job.segment, ROUTE, job.text)
    assert made.receive_failure(stranger, "MODEL_BUSY") == []
    made.receive_translation(stranger, Translation("falso"))
    assert made.answer_to_send() is None
    assert made.close() == [job]


@pytest.mark.parametrize(
    ("segment", "route", "reason"),
    [
        (final("x" * (MAX_TEXT_CHARACTERS + 1)), ROUTE, "10,000"),
        (final("We went there."), ROUTE, "changed"),
        (final("We went home. Then."), None, "from 'en'"),
    ],
)
def test_what_cannot_be_translated_is_a_notice(segment: Segment, route: Route | None, reason: str) -> None:
    """A text that is too long, one that contradicts what was committed, and one without a way are told as such."""
    made = passage()
    made.receive(partial("We went home. Then"), ROUTE)
    say(made, "Fuimos a casa.")
    assert told(made) == ("Fuimos a casa.", "")
    made.receive(segment, route)
    notice = made.answer_to_send()
    assert isinstance(notice, Notice)
    assert reason in notice.message


def test_without_a_way_nothing_is_done_before_the_final() -> None:
    """A revision in a language that no model translates waits: the next one may name another."""
    made = passage()
    made.receive(partial("We went home. Then"), None)
    assert made.jobs_to_start() == []
    made.receive(final("We went home. Then."), ROUTE)
    assert [job.text for job in made.jobs_to_start()] == ["We went home.", "Then."]


def test_without_a_way_there_is_no_draft() -> None:
    """What is said in a language that no model translates is not shown as if it were the target's."""
    made = passage()
    made.receive(partial("", "Wir gehen"), None)
    assert made.draft_job() is None
    made.receive(partial("", "We went"), ROUTE)
    assert made.draft_job() is not None
    made.receive(partial("", "Wir gehen"), None)
    assert made.draft_job() is None


@pytest.mark.parametrize("is_seen", [False, True])
def test_the_language_counts_that_words_are_committed_in(is_seen: bool) -> None:
    """A revision without committed words may name another language than the next: it decides nothing."""
    made = passage(Policy.UNSPECIFIED)
    if is_seen:
        made.receive(replace(partial("", "we get"), language_code="en"), ROUTE)
    german = replace(partial("Wir gehen nach Hause. Dann"), language_code="de")
    assert made.receive(german, Route("es", (RouteModel("mt_test", "de", "es"),))) is False
    assert made.jobs_to_start() == []


def test_a_text_that_is_too_long_has_no_draft() -> None:
    """The draft of an over-long text is left out; only its final says so."""
    made = passage()
    made.receive(partial("", "x" * (MAX_TEXT_CHARACTERS + 1)), ROUTE)
    assert made.draft_job() is None


def test_jobs_know_what_came_before() -> None:
    """A job carries the segments before, this one's clauses, and its text so far; over-long segments only their end."""
    history = (replace(final("It was " + "very " * 200 + "late."), segment_id="0"), replace(final(""), segment_id="a"))
    made = passage(history=history)
    made.receive(partial("We went home. Then we slept. Now"), ROUTE)
    first, second = made.jobs_to_start()
    assert len(first.context) == 1
    assert first.context[0].startswith("very very")
    assert first.context[0].endswith("late.")
    assert second.context == (*first.context, "We went home.")
    assert (second.before, second.prefix) == ("We went home.", "")
    tail = made.draft_job()
    assert tail is not None
    assert tail.context == (*first.context, "We went home.", "Then we slept.")


def test_a_model_that_continues_gets_the_translation_before() -> None:
    """Where a model takes a prefix clauses go one by one, and drafts after them."""
    made = passage()
    made.receive(partial("We went home. Then we slept. Now"), PREFIX_ROUTE)
    can_draft = [made.can_draft]
    say(made, "Fuimos a casa.")
    second = say(made, "Luego dormimos.")
    assert (second.text, second.before, second.prefix) == ("Then we slept.", "We went home.", "Fuimos a casa.")
    assert second.context == ()
    can_draft.append(made.can_draft)
    assert can_draft == [False, True]
    tail = made.draft_job()
    assert tail is not None
    assert (tail.text, tail.prefix) == ("Now", "Fuimos a casa. Luego dormimos.")


def test_a_sentence_goes_on_from_the_segment_before() -> None:
    """After a segment that was cut in its sentence the first letter is a small one."""
    made = passage(history=(replace(final("We will go"), segment_id="0", is_continued=True),))
    made.receive(final("when it stops"), ROUTE)
    say(made, "Cuando pare")
    assert told(made) == ("cuando pare", "")
