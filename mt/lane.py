"""One target of a session: its segments in their order, and their drafts."""

from collections.abc import Iterator, Sequence
from itertools import chain

from livetranslate.glossary import Glossary
from mt.answer import Answer
from mt.draft import DraftSlot
from mt.job import Job, JobKind, Route, Segment, Translation
from mt.passage import Passage
from mt.policy import Target

_OPEN_COUNT = 4  # segments not final: a recognizer has one; one that is forgotten begins anew when it comes again


class Lane:
    """What one target still has to translate and to answer."""

    def __init__(self, target: Target, glossary: Glossary, draft_interval_seconds: float) -> None:
        """Start out empty; a `target` put in its place holds for the segments after."""
        self.target = target
        self._glossary = glossary
        self._draft = DraftSlot(draft_interval_seconds)
        self._finals: dict[str, Passage] = {}  # by segment, in the order in which they became final
        self._open: dict[str, Passage] = {}  # by segment, oldest first
        self._jobs_to_cancel: list[Job] = []

    @property
    def final_count(self) -> int:
        """Finals that are not answered yet."""
        return len(self._finals)

    @property
    def due_seconds(self) -> float | None:
        """When the draft that waits may start; None where there is nothing to wait for."""
        return self._draft.due_seconds

    def receive(self, segment: Segment, route: Route | None, history: Sequence[Segment]) -> None:
        """Take a revision, its way if there is one, and the segments before it."""
        passage = self._open.get(segment.segment_id) or Passage(self.target, self._glossary, history)
        is_cut = passage.receive(segment, route)
        if segment.is_final:
            self._open.pop(segment.segment_id, None)
            self._finals[segment.segment_id] = passage
            self._cancel(self._draft.supersede(passage))
            return
        self._open[segment.segment_id] = passage
        if len(self._open) > _OPEN_COUNT:
            self._forget(next(iter(self._open)))
        if is_cut:
            self._cancel(self._draft.restart(passage))
        else:
            self._draft.offer(passage)

    def jobs_to_start(self, now_seconds: float) -> Iterator[Job]:
        """Clauses at once, the draft when it is due."""
        for passage in chain(self._finals.values(), self._open.values()):
            yield from passage.jobs_to_start()
        draft = self._draft.job_to_start(now_seconds)
        if draft is not None:
            yield draft

    def jobs_to_cancel(self) -> list[Job]:
        """Jobs whose result nobody wants any more."""
        jobs, self._jobs_to_cancel = self._jobs_to_cancel, []
        return jobs

    def receive_translation(self, job: Job, translation: Translation) -> None:
        """Take what a job gave; a job that was given up is ignored."""
        passage = self._passage_of(job)
        if passage is None:
            return
        if job.kind is JobKind.DRAFT:
            passage.receive_draft(job, translation)
        else:
            passage.receive_translation(job, translation)

    def receive_failure(self, job: Job, reason: str) -> None:
        """Give up a job: its segment becomes a notice, unless it is only a draft."""
        passage = self._passage_of(job)
        if passage is None or job.kind is JobKind.DRAFT:
            return
        self._jobs_to_cancel += passage.receive_failure(job, reason)
        self._cancel(self._draft.supersede(passage))

    def answers_to_send(self) -> Iterator[Answer]:
        """All of each segment, up to the first that is final and not complete: what comes after it waits for it."""
        for segment_id, passage in list(self._finals.items()):
            yield from _answers_of(passage)
            if not passage.is_answered:
                return
            del self._finals[segment_id]
        for passage in self._open.values():
            yield from _answers_of(passage)

    def finish(self) -> None:
        """Translate what is final, and nothing else from here on."""
        self._cancel(self._draft.clear())
        for segment_id in list(self._open):
            self._forget(segment_id)

    def close(self) -> list[Job]:
        """Give up everything; returns the jobs to cancel."""
        self.finish()
        for passage in self._finals.values():
            self._jobs_to_cancel += passage.close()
        self._finals.clear()
        return self.jobs_to_cancel()

    def _passage_of(self, job: Job) -> Passage | None:
        if job.kind is JobKind.DRAFT:
            return self._draft.finish(job)
        segment_id = job.segment.segment_id
        return self._finals.get(segment_id) or self._open.get(segment_id)

    def _forget(self, segment_id: str) -> None:
        passage = self._open.pop(segment_id)
        self._jobs_to_cancel += passage.close()
        self._cancel(self._draft.supersede(passage))

    def _cancel(self, job: Job | None) -> None:
        if job is not None:
            self._jobs_to_cancel.append(job)


def _answers_of(passage: Passage) -> Iterator[Answer]:
    while (answer := passage.answer_to_send()) is not None:
        yield answer
