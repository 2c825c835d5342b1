"""One target of a session: its finals in the order of the segments, and its drafts."""

from collections.abc import Iterator

from mt.answer import Answer, Notice, Revision, Trouble
from mt.draft import DraftSlot
from mt.job import Job, Route, Segment, Translation

MAX_TEXT_CHARACTERS = 10_000


class Lane:
    """What one target still has to translate and to answer."""

    def __init__(self, route: Route, draft_interval_seconds: float) -> None:
        """Start out empty."""
        self.route = route
        self._draft = DraftSlot(route, draft_interval_seconds)
        self._finals: dict[Job, Answer | None] = {}  # in the order of the segments; None: not translated yet
        self._finals_to_start: list[Job] = []

    @property
    def final_count(self) -> int:
        """Finals that are not answered yet."""
        return len(self._finals)

    @property
    def due_seconds(self) -> float | None:
        """When the draft that waits may start; None where there is nothing to wait for."""
        return self._draft.due_seconds

    def receive_draft(self, segment: Segment) -> None:
        """Take a revision that is not final; one that is too long waits for its final to say so."""
        if len(segment.text) <= MAX_TEXT_CHARACTERS:
            self._draft.offer(segment)

    def receive_final(self, segment: Segment) -> Job | None:
        """Take a segment's last revision; returns the draft to cancel."""
        job = Job(segment, self.route, segment.text)
        self._finals[job] = None
        if not segment.text.strip():
            self._finals[job] = Revision(job, Translation(""))
        elif len(segment.text) > MAX_TEXT_CHARACTERS:
            self._finals[job] = _failure(job, f"it is longer than {MAX_TEXT_CHARACTERS:,} characters")
        else:
            self._finals_to_start.append(job)
        return self._draft.supersede(segment.segment_id)

    def jobs_to_start(self, now_seconds: float) -> Iterator[Job]:
        """Finals at once, the draft when it is due."""
        finals, self._finals_to_start = self._finals_to_start, []
        yield from finals
        draft = self._draft.job_to_start(now_seconds)
        if draft is not None:
            yield draft

    def receive_translation(self, job: Job, translation: Translation) -> None:
        """Take what a job gave; a job that was given up is ignored."""
        self._draft.finish(job, translation)
        if job in self._finals:
            self._finals[job] = Revision(job, translation)

    def receive_failure(self, job: Job, reason: str) -> None:
        """Give up a job: a final becomes a notice, a draft is dropped."""
        self._draft.finish(job, None)
        if job in self._finals:
            self._finals[job] = _failure(job, reason)

    def answers_to_send(self) -> Iterator[Answer]:
        """Finals up to the first that is not translated yet, and the newest draft."""
        for job, answer in list(self._finals.items()):
            if answer is None:
                break
            del self._finals[job]
            yield answer
        draft = self._draft.answer_to_send()
        if draft is not None:
            yield draft

    def drop_drafts(self) -> Job | None:
        """Translate finals only from here on; returns the draft to cancel."""
        return self._draft.clear()

    def close(self) -> list[Job]:
        """Give up everything; returns the jobs to cancel."""
        finals, self._finals = self._finals, {}
        self._finals_to_start = []
        draft = self._draft.clear()
        return [job for job, answer in finals.items() if answer is None] + ([] if draft is None else [draft])


def _failure(job: Job, reason: str) -> Notice:
    """A notice that names the segment and the reason, and never the text."""
    language = job.route.language_code
    message = f"This segment could not be translated into {language!r}: {reason}. Later segments go on."
    return Notice(Trouble.TRANSLATION_FAILED, message, job.segment.segment_id, language)
