"""The drafts of one target: the newest counts, one at a time, not too often."""

from mt.answer import Revision
from mt.job import Job, JobKind, Route, Segment, Translation


class DraftSlot:
    """Room for one draft that waits, one under way and one to be sent; a newer one takes the older one's place."""

    def __init__(self, route: Route, interval_seconds: float) -> None:
        """Start out empty; two drafts start at least `interval_seconds` apart."""
        self._route = route
        self._interval_seconds = interval_seconds
        self._earliest_seconds = float("-inf")
        self._waiting: Segment | None = None
        self._under_way: Job | None = None
        self._answer: Revision | None = None

    def offer(self, segment: Segment) -> None:
        """Take the newest revision; it replaces one that waits."""
        self._waiting = segment if segment.text.strip() else None

    def supersede(self, segment_id: str) -> Job | None:
        """Forget the drafts of a segment whose final is there; returns the job to cancel."""
        if self._waiting is not None and self._waiting.segment_id == segment_id:
            self._waiting = None
        if self._answer is not None and self._answer.job.segment.segment_id == segment_id:
            self._answer = None
        if self._under_way is None or self._under_way.segment.segment_id != segment_id:
            return None
        return self._take_under_way()

    def clear(self) -> Job | None:
        """Forget all drafts; returns the job to cancel."""
        self._waiting = self._answer = None
        return self._take_under_way()

    def job_to_start(self, now_seconds: float) -> Job | None:
        """The next draft, if it is time for one."""
        due_seconds = self.due_seconds
        if self._waiting is None or due_seconds is None or now_seconds < due_seconds:
            return None
        self._under_way = Job(self._waiting, self._route, self._waiting.text, JobKind.DRAFT)
        self._waiting = None
        self._earliest_seconds = now_seconds + self._interval_seconds
        return self._under_way

    @property
    def due_seconds(self) -> float | None:
        """When the draft that waits may start; None where none waits or one is under way."""
        return self._earliest_seconds if self._waiting is not None and self._under_way is None else None

    def finish(self, job: Job, translation: Translation | None) -> None:
        """Take the translation of the job under way (None: it failed); any other job has been given up."""
        if job is self._under_way:
            self._under_way = None
            if translation is not None:
                self._answer = Revision(job, translation)

    def answer_to_send(self) -> Revision | None:
        """The newest draft that was not sent yet."""
        answer, self._answer = self._answer, None
        return answer

    def _take_under_way(self) -> Job | None:
        job, self._under_way = self._under_way, None
        return job
