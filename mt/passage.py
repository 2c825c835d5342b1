"""One segment on its way into one target: its clauses, each translated once, and the draft of what comes after them."""

from collections.abc import Sequence
from dataclasses import replace

from livetranslate.glossary import Glossary
from mt.answer import Answer, Notice, Revision, Trouble
from mt.clause_queue import ClauseQueue
from mt.clauses import Clause, ClauseCutter
from mt.job import Job, JobKind, Route, Segment, Translation
from mt.joining import joined
from mt.policy import Policy, Target, policy_for
from mt.steady import SteadyDraft
from mt.total import total_of

MAX_TEXT_CHARACTERS = 10_000
_CLAUSES_AT_ONCE = 4  # of one segment: a long one that comes at once must not keep others from the model
_CONTEXT_CHARACTERS = 500  # of each segment before: some 100 words, and what a pronoun means is nearer than that
_CONTEXT_CLAUSES = 8  # of its own: some 50 words


class Passage:
    """What one segment comes to in one target.

    Its committed translation is that of its clauses, joined: it only grows, and depends on the transcript's committed
    text alone. A clause that fails ends it: what was committed stays, and instead of a final revision comes a notice.
    """

    def __init__(self, target: Target, glossary: Glossary, history: Sequence[Segment]) -> None:
        """Begin with nothing.

        Args:
            target: Where it goes.
            glossary: Terms to keep or to translate in a certain way.
            history: The segments before, oldest first.
        """
        self.is_answered = False  # by a final revision or a notice
        self._target = target
        self._language = target.language_code
        self._glossary = glossary
        self._context = tuple(filter(None, (_end_of(segment.committed_text) for segment in history)))
        self._segment = Segment("", 0, "")
        self._route = Route(target.language_code, ())
        self._has_route = False  # whether the newest revision has one
        self._cutter: ClauseCutter | None = None
        self._is_whole = False  # whether nothing is committed before all is
        self._sources: list[str] = []  # of all clauses so far
        continues_sentence = bool(history) and history[-1].is_continued
        self._clauses = ClauseQueue(target.language_code, continues_sentence=continues_sentence)
        self._draft: tuple[Job, Translation] | None = None
        self._draft_start = 0
        self._steady = SteadyDraft(target.language_code)
        self._failure = ""
        self._told_count = 0  # clauses that an answer has told
        self._draft_is_news = False  # whether no answer has told it yet
        self._shown = ("", "")  # committed and unstable text of the last answer

    # Facts in

    def receive(self, segment: Segment, route: Route | None) -> bool:
        """Take a revision and its way, if there is one; whether another clause of it is complete."""
        cut_text = self._segment.committed_text[: self._cut_end]
        if not segment.is_final and len(segment.committed_text) < self._cut_end:
            return False  # clauses have gone beyond this revision
        self._segment = segment
        self._has_route = route is not None
        if segment.is_final:
            self._draft = None
        if not self._failure:
            self._failure = _fault_of(segment, route, cut_text)
        if self._failure or route is None:
            return False
        self._route = route
        clauses = self._cut(segment)
        self._sources += (clause.text for clause in clauses)
        self._clauses.add(clauses)
        return bool(clauses)

    def receive_translation(self, job: Job, translation: Translation) -> None:
        """Take what a job for a clause gave; one that was given up is ignored."""
        self._clauses.receive_translation(job, translation)

    def receive_draft(self, job: Job, translation: Translation) -> None:
        """Take the newest draft."""
        self._draft = job, translation
        self._draft_is_news = True

    def receive_failure(self, job: Job, reason: str) -> list[Job]:
        """A clause could not be translated; returns the jobs to cancel. A job that was given up is ignored."""
        if not self._clauses.owns(job):
            return []
        self._failure = reason
        return [other for other in self.close() if other is not job]

    def close(self) -> list[Job]:
        """Give up what is not committed; returns the jobs to cancel."""
        self._draft = None
        return self._clauses.give_up()

    # Work and answers out

    def jobs_to_start(self) -> list[Job]:
        """Clauses that are due: in order, some at once; one by one where each needs the translation before it."""
        limit = 1 if self._route.takes_prefix else _CLAUSES_AT_ONCE
        return self._clauses.jobs_to_start(limit, self._clause_job)

    @property
    def can_draft(self) -> bool:
        """Whether nothing must be translated before a draft."""
        return self._clauses.is_empty or not self._route.takes_prefix

    def draft_job(self) -> Job | None:
        """A draft of what comes after the last clause, if there is something."""
        segment = self._segment
        committed_rest = segment.committed_text[self._cut_end :].strip()
        tail = joined(committed_rest, segment.unstable_text.strip(), segment.language_code)
        is_wanted = self._has_route and not self._failure and not segment.is_final
        if not tail or not is_wanted or len(segment.text) > MAX_TEXT_CHARACTERS:
            return None
        self._draft_start = self._cut_end
        return self._job(tail, JobKind.DRAFT, self._cut_end, len(self._sources))

    def answer_to_send(self) -> Answer | None:
        """What is new, clause by clause; a final revision or a notice is the last.

        Each clause has an answer of its own, the last one the final: it is spoken by itself, and told apart by its
        place among the others, however many were translated at once.
        """
        if self.is_answered:
            return None
        untold_count = len(self._clauses.committed) - self._told_count
        if self._segment.is_final and (self._failure or self._clauses.is_empty):
            if self._failure or self._is_whole or untold_count <= 1:
                self.is_answered = True
                return self._notice() if self._failure else self._final_revision()
        elif self._failure or (self._is_whole and self._segment.is_final):
            return None
        if untold_count:
            return self._revision(self._told_count + 1)
        has_draft = self._draft_is_news and self._shown_draft is not None
        return self._draft_revision() if has_draft else None

    # Inside

    @property
    def _cut_end(self) -> int:
        """Characters of the transcript that are in clauses."""
        return self._cutter.end if self._cutter is not None else 0

    def _cut(self, segment: Segment) -> list[Clause]:
        if not segment.committed_text:
            return []  # before anything is committed its language may be another one in the next revision
        if self._cutter is None:
            policy = policy_for(self._target.policy, segment.language_code, self._language)
            self._is_whole = policy is Policy.SEGMENTS
            self._cutter = ClauseCutter(segment.language_code, self._glossary, into_sentences=self._is_whole)
        return [] if self._is_whole and not segment.is_final else self._cutter.cut(segment)

    def _clause_job(self, clause: Clause, place: int) -> Job:
        return self._job(clause.text, JobKind.CLAUSE, clause.start, place)

    def _job(self, text: str, kind: JobKind, start: int, place: int) -> Job:
        """A job for what stands at a place of the source text, after as many clauses."""
        takes_prefix = self._route.takes_prefix  # then the clauses before come with the text itself
        clauses = () if takes_prefix else tuple(self._sources[max(0, place - _CONTEXT_CLAUSES) : place])
        return Job(
            self._segment,
            self._route,
            text,
            kind,
            context=self._context + clauses,
            before=self._segment.committed_text[:start].strip(),
            prefix=self._clauses.text if takes_prefix else "",
            glossary=self._glossary,
        )

    @property
    def _shown_draft(self) -> tuple[Job, Translation] | None:
        """The draft, if it begins where the committed text ends."""
        return self._draft if self._draft_start == self._clauses.end else None

    def _revision(self, clause_count: int) -> Revision:
        """The text of so many clauses, and the draft after them; times are those of what is new."""
        committed = self._clauses.committed[:clause_count]
        new = [(done.job, done.translation) for done in committed[self._told_count :]]
        self._told_count = clause_count
        text = committed[-1].text if committed else ""
        draft = self._shown_draft if clause_count == len(self._clauses.committed) else None
        if draft is not None and self._draft_is_news:
            new.append(draft)
            self._draft_is_news = False
            self._steady.receive(joined(text, self._clauses.fitted(draft[1].text, draft[0].text), self._language))
        total = total_of([(done.clause, done.translation) for done in committed])
        self._shown = text, self._steady.after(text)
        return Revision(
            segment_id=self._segment.segment_id,
            language_code=self._language,
            source_revision=max((job.segment.revision for job, _ in new), default=self._segment.revision),
            committed_text=text,
            unstable_text=self._shown[1],
            source_end_sample=committed[-1].clause.end_sample if committed else 0,
            received_seconds=min(
                (job.segment.received_seconds for job, _ in new), default=self._segment.received_seconds
            ),
            model_seconds=sum(translation.model_seconds for _, translation in new),
            traceparent=next((made.traceparent for _, made in new if made.traceparent), self._segment.traceparent),
            model=total.model or ("" if draft is None else draft[1].model),
            rejected_models=total.rejected_models,
            quality=total.quality,
            reasons=total.reasons,
            missed_terms=total.missed_terms,
        )

    def _draft_revision(self) -> Revision | None:
        """A revision with a new draft, unless it would show what the last one has shown."""
        before = self._shown
        revision = self._revision(self._told_count)
        return revision if self._shown != before else None

    def _final_revision(self) -> Revision:
        first_model = self._route.models[0].name if self._route.models else ""
        revision = self._revision(len(self._clauses.committed))
        return replace(
            revision,
            is_final=True,
            unstable_text="",
            source_revision=self._segment.revision,
            model=revision.model or first_model,
        )

    def _notice(self) -> Notice:
        """A notice that names the segment and the reason, and never the text."""
        language = self._language
        message = f"This segment could not be translated into {language!r}: {self._failure}. Later segments go on."
        return Notice(Trouble.TRANSLATION_FAILED, message, self._segment.segment_id, language)


def _fault_of(segment: Segment, route: Route | None, cut_text: str) -> str:
    """Why a revision cannot be translated; empty where it can."""
    if len(segment.committed_text) > MAX_TEXT_CHARACTERS:
        return f"it is longer than {MAX_TEXT_CHARACTERS:,} characters"
    if not segment.committed_text.startswith(cut_text):
        return "its committed text has changed"
    if segment.is_final and route is None:
        return f"no model translates from {segment.language_code!r}"
    return ""


def _end_of(text: str) -> str:
    """The last part of a text, in whole words."""
    return text if len(text) <= _CONTEXT_CHARACTERS else text[-_CONTEXT_CHARACTERS:].partition(" ")[2]
