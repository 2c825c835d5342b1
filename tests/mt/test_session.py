"""The core of mt."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from livetranslate.glossary import Glossary
from mt.answer import Answer, Notice, Revision, Trouble
from mt.job import Job, JobKind, Route, RouteModel, Segment, Translation
from mt.policy import Policy, Target
from mt.session import _FINISHED_COUNT, MtSession

LANGUAGES = ("ca", "es", "fr")
ROUTES = {language: Route(language, (RouteModel("mt_test", "en", language),)) for language in LANGUAGES}


def session(*languages: str, final_limit: int = 4) -> MtSession:
    return MtSession(map(Target, languages), Glossary(), draft_interval_seconds=0.5, final_limit=final_limit)


def segment(number: int, text: str = "hello", *, is_final: bool = True) -> Segment:
    return Segment(f"{number:012d}", 1, text, is_final=is_final, language_code="en")


def texts(answers: list[Answer]) -> list[tuple[str, str]]:
    return [(answer.language_code, answer.committed_text) for answer in answers if isinstance(answer, Revision)]


def test_each_target_gets_each_final() -> None:
    """A final is translated into every target."""
    core = session("es", "ca")
    core.receive_segment(segment(1), ROUTES)
    jobs = core.jobs_to_start(0)
    assert [job.route.language_code for job in jobs] == ["es", "ca"]
    for job in jobs:
        core.receive_translation(job, Translation("hola"))
    assert texts(list(core.answers_to_send())) == [("es", "hola"), ("ca", "hola")]
    assert core.answers_to_send() == []


def test_a_target_without_a_way_gets_a_notice() -> None:
    """A segment in a language that no model translates into a target is a notice there; other targets go on."""
    core = session("es", "xx")
    core.receive_segment(segment(1), ROUTES)
    (job,) = core.jobs_to_start(0)
    core.receive_translation(job, Translation("hola"))
    revision, notice = core.answers_to_send()
    assert isinstance(revision, Revision)
    assert isinstance(notice, Notice)
    assert notice.language_code == "xx"


def test_a_segment_knows_those_before() -> None:
    """The context of a segment are the final texts of the two before it, also for a target that is new."""
    core = session()
    for number, text in enumerate(["one", "two", "three"]):
        core.receive_segment(segment(number, text), ROUTES)
    core.receive_targets([Target("es")])
    core.receive_segment(segment(4, "four"), ROUTES)
    (job,) = core.jobs_to_start(0)
    assert job.context == ("two", "three")


def test_a_final_cancels_its_draft() -> None:
    """The draft under way is cancelled when its segment is final, and what it gave is ignored."""
    core = session("es")
    core.receive_segment(segment(1, is_final=False), ROUTES)
    (draft,) = core.jobs_to_start(0)
    core.receive_segment(segment(1), ROUTES)
    assert core.jobs_to_cancel() == [draft]
    assert core.jobs_to_cancel() == []
    core.receive_translation(draft, Translation("ho"))
    assert core.answers_to_send() == []


def test_what_comes_after_a_final_is_ignored() -> None:
    """A segment that is final says nothing more: neither a late draft nor a second final is translated."""
    core = session("es")
    core.receive_segment(segment(1), ROUTES)
    core.jobs_to_start(0)
    core.receive_segment(segment(1, is_final=False), ROUTES)
    core.receive_segment(segment(1), ROUTES)
    assert core.jobs_to_start(9) == []


def test_memory_of_finished_segments_is_bounded() -> None:
    """Only the newest segments are remembered as over."""
    core = session()
    for number in range(_FINISHED_COUNT + 10):
        core.receive_segment(segment(number), ROUTES)
    assert len(core._finished) == _FINISHED_COUNT
    assert segment(9).segment_id not in core._finished


def test_a_removed_target_stops() -> None:
    """A target that is not named any more loses its jobs, and what they gave is ignored; the others keep theirs."""
    core = session("es", "ca")
    core.receive_segment(segment(1), ROUTES)
    spanish, catalan = core.jobs_to_start(0)
    core.receive_targets([Target("ca")])
    assert core.jobs_to_cancel() == [spanish]
    core.receive_translation(spanish, Translation("hola"))
    core.receive_failure(spanish, "MODEL_BUSY")
    core.receive_translation(catalan, Translation("hola"))
    assert texts(list(core.answers_to_send())) == [("ca", "hola")]
    assert core.targets == ("ca",)


def test_a_new_target_begins_with_the_current_segment() -> None:
    """A target that is added starts with the segment that is under way, from its start, and not with those before."""
    core = session("ca")
    core.receive_segment(segment(1), ROUTES)
    core.receive_segment(segment(2, "We came. Then", is_final=False), ROUTES)
    core.receive_targets([Target("ca"), Target("es")])
    core.receive_segment(segment(2, "We came. Then we left. Now", is_final=False), ROUTES)
    clauses = [job for job in core.jobs_to_start(0) if job.kind is JobKind.CLAUSE]
    assert [job.text for job in clauses if job.route.language_code == "es"] == ["We came.", "Then we left."]


def test_a_refusal_is_told() -> None:
    """A refused target is a notice, and the session goes on."""
    core = session("es")
    core.receive_refusal("There is no such language.", "xx")
    assert core.answers_to_send() == [
        Notice(Trouble.TARGET_REFUSED, "There is no such language.", language_code="xx"),
    ]


def test_too_many_finals_leave_no_room() -> None:
    """There is no room while as many finals and notices as allowed wait for their answers."""
    core = session("es", "ca", final_limit=3)
    core.receive_segment(segment(1), ROUTES)
    rooms = [core.has_room]
    core.receive_refusal("There is no such language.", "xx")
    rooms.append(core.has_room)
    core.answers_to_send()
    rooms.append(core.has_room)
    core.receive_segment(segment(2), ROUTES)
    rooms.append(core.has_room)
    for job in core.jobs_to_start(0):
        core.receive_failure(job, "MODEL_BUSY")
    core.answers_to_send()
    rooms.append(core.has_room)
    assert rooms == [True, False, True, False, True]


def test_the_end_waits_for_finals_only() -> None:
    """After the end the finals are answered, drafts are given up, and then the session is done."""
    core = session("es")
    core.receive_segment(segment(1), ROUTES)
    core.receive_segment(segment(2, is_final=False), ROUTES)
    final, draft = core.jobs_to_start(0)
    core.receive_end()
    assert core.jobs_to_cancel() == [draft]
    done = [core.is_done]
    core.receive_translation(final, Translation("hola"))
    done.append(core.is_done)
    core.answers_to_send()
    done.append(core.is_done)
    assert done == [False, False, True]


def test_the_next_draft_is_announced() -> None:
    """The session says when its next draft is due."""
    core = session("es", "ca")
    core.receive_segment(segment(1, "good", is_final=False), ROUTES)
    for job in core.jobs_to_start(7):
        core.receive_failure(job, "MODEL_BUSY")
    core.receive_segment(segment(1, "good morning", is_final=False), ROUTES)
    assert core.due_seconds == 7.5
    assert core.jobs_to_start(7.4) == []
    assert len(core.jobs_to_start(7.5)) == 2


TEXTS = st.lists(
    st.sampled_from(["We", "came", "home", "and", "because", "it", "rained.", "Then", "slept,", "the", "cat"]),
    max_size=30,
)


def final_text(
    core: MtSession, routes: dict[str, Route], revisions: list[Segment], finish: st.DataObject | None
) -> tuple[str, list[Revision]]:
    """The final translation after some revisions, and all answers; jobs end in the order that `finish` draws."""
    answers: list[Revision] = []
    running: list[Job] = []
    for number, revision in enumerate(revisions):
        core.receive_segment(revision, routes)
        running += core.jobs_to_start(float(number))
        while running and (revision.is_final or finish is None or finish.draw(st.booleans())):
            job = running.pop(0 if finish is None else finish.draw(st.integers(0, len(running) - 1)))
            core.receive_translation(job, Translation(f"<{job.text}; {job.prefix}>", model="mt_test"))
            running += core.jobs_to_start(float(number))
            answers += (answer for answer in core.answers_to_send() if isinstance(answer, Revision))
    answers += (answer for answer in core.answers_to_send() if isinstance(answer, Revision))
    return answers[-1].committed_text, answers


@settings(deadline=None)
@given(TEXTS, st.data(), st.sampled_from(Policy), st.booleans())
def test_a_final_is_the_same_whatever_came_before(
    texts: list[str], data: st.DataObject, policy: Policy, takes_prefix: bool
) -> None:
    """The final text depends on the final transcript only; committed text is its beginning; nothing comes after it."""
    takes = frozenset(["prefix"] if takes_prefix else [])
    route = {"es": Route("es", (RouteModel("mt_test", "en", "es", takes),))}

    def translated(revisions: list[Segment], finish: st.DataObject | None) -> tuple[str, list[Revision]]:
        core = MtSession([Target("es", policy)], Glossary(), draft_interval_seconds=0, final_limit=4)
        return final_text(core, route, revisions, finish)

    final = segment(1, " ".join(texts))
    ends = sorted(data.draw(st.sets(st.integers(0, len(texts)))))
    partials = [segment(1, " ".join(texts[:end]), is_final=False) for end in ends]
    at_once, _ = translated([final], None)
    growing, answers = translated([*partials, final], data)
    assert growing == at_once
    assert [answer.is_final for answer in answers].count(True) == 1
    assert answers[-1].is_final
    for before, after in pairwise(answers):
        assert after.committed_text.startswith(before.committed_text)


class AnyOrder(RuleBasedStateMachine):
    """Segments, targets, results and failures in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.core = session("es")
        self.running: list[Job] = []
        self.now = 0.0
        self.segment_count = 0
        self.expected: dict[str, list[str]] = {"es": []}  # finals that each present target owes
        self.finished: set[tuple[str, str]] = set()

    @rule(
        texts=st.lists(
            st.sampled_from(["", "good", "good morning", "good morning. All", "good morning. All is well. So"]),
            max_size=2,
        )
    )
    def segment(self, texts: list[str]) -> None:
        self.segment_count += 1
        for text in texts:
            self.core.receive_segment(segment(self.segment_count, text, is_final=False), ROUTES)
        self.core.receive_segment(segment(self.segment_count), ROUTES)
        for owed in self.expected.values():
            owed.append(segment(self.segment_count).segment_id)

    @rule(text=st.sampled_from(["", "and", "and then", "and then. Now"]), ahead=st.integers(-2, 1))
    def draft(self, text: str, ahead: int) -> None:
        self.core.receive_segment(segment(self.segment_count + ahead, text, is_final=False), ROUTES)

    @rule(languages=st.sets(st.sampled_from(LANGUAGES)))
    def target(self, languages: set[str]) -> None:
        self.core.receive_targets(map(Target, sorted(languages)))
        self.expected = {language: self.expected.get(language, []) for language in languages}

    @rule(seconds=st.sampled_from([0.0, 0.3, 1.0]))
    def start(self, seconds: float) -> None:
        self.now += seconds
        self.running += self.core.jobs_to_start(self.now)

    @rule()
    def cancel(self) -> None:
        cancelled = self.core.jobs_to_cancel()
        self.running = [job for job in self.running if job not in cancelled]

    @precondition(lambda self: self.running)
    @rule(data=st.data(), succeeds=st.booleans())
    def finish(self, data: st.DataObject, succeeds: bool) -> None:
        job = self.running.pop(data.draw(st.integers(0, len(self.running) - 1)))
        if succeeds:
            self.core.receive_translation(job, Translation("hola"))
        else:
            self.core.receive_failure(job, "MODEL_BUSY")

    @rule()
    def send(self) -> None:
        for answer in self.core.answers_to_send():
            self.check(answer)

    def check(self, answer: Answer) -> None:
        language, segment_id, is_final = _place(answer)
        assert language in self.expected, "nothing comes for a target that was removed"
        if is_final:
            assert self.expected[language].pop(0) == segment_id, "finals come once each, in order"
            self.finished.add((language, segment_id))
        else:
            assert (language, segment_id) not in self.finished, "no draft comes after the final"

    @invariant()
    def one_draft_at_a_time(self) -> None:
        cancelled = set(self.core._jobs_to_cancel)
        cancelled.update(job for lane in self.core._lanes.values() for job in lane._jobs_to_cancel)
        drafts = [job.route.language_code for job in self.running if job.kind is JobKind.DRAFT and job not in cancelled]
        assert len(drafts) == len(set(drafts))

    def teardown(self) -> None:
        self.core.receive_end()
        self.cancel()
        self.running += self.core.jobs_to_start(self.now)
        for job in self.running:
            self.core.receive_translation(job, Translation("hola"))
        self.send()
        assert self.core.is_done
        assert not any(self.expected.values()), "every final was answered"


def _place(answer: Answer) -> tuple[str, str, bool]:
    match answer:
        case Revision():
            return answer.language_code, answer.segment_id, answer.is_final
        case Notice():
            return answer.language_code, answer.segment_id, True


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)  # a second or two
