"""The drafts of one target: of the newest passage, one at a time, not too often."""

from mt.job import Job
from mt.passage import Passage


class DraftSlot:
    """Room for one passage that waits to be drafted, and for one draft under way; a newer passage takes its place."""

    def __init__(self, interval_seconds: float) -> None:
        """Start out empty; two drafts start at least `interval_seconds` apart."""
        self._interval_seconds = interval_seconds
        self._earliest_seconds = float("-inf")
        self._waiting: Passage | None = None
        self._under_way: tuple[Job, Passage] | None = None

    def offer(self, passage: Passage) -> None:
        """Draft the newest revision of a passage when it is time."""
        self._waiting = passage

    def restart(self, passage: Passage) -> Job | None:
        """Draft a passage at once, since a clause of it is complete and the draft there is covers too much.

        Returns:
            The job to cancel.
        """
        self._waiting = passage
        self._earliest_seconds = float("-inf")
        return self._take_under_way()

    def supersede(self, passage: Passage) -> Job | None:
        """Forget the draft of a passage that is final; returns the job to cancel."""
        if self._waiting is passage:
            self._waiting = None
        is_under_way = self._under_way is not None and self._under_way[1] is passage
        return self._take_under_way() if is_under_way else None

    def clear(self) -> Job | None:
        """Forget all drafts; returns the job to cancel."""
        self._waiting = None
        return self._take_under_way()

    def job_to_start(self, now_seconds: float) -> Job | None:
        """The next draft, if it is time for one."""
        due_seconds, passage = self.due_seconds, self._waiting
        if passage is None or due_seconds is None or now_seconds < due_seconds:
            return None
        self._waiting = None
        job = passage.draft_job()
        if job is not None:
            self._under_way = job, passage
            self._earliest_seconds = now_seconds + self._interval_seconds
        return job

    @property
    def due_seconds(self) -> float | None:
        """When the draft that waits may start; None where none waits, one is under way, or clauses come first."""
        if self._waiting is None or self._under_way is not None or not self._waiting.can_draft:
            return None
        return self._earliest_seconds

    def finish(self, job: Job) -> Passage | None:
        """The job under way is done: the passage that it drafts. Any other job has been given up."""
        if self._under_way is None or self._under_way[0] is not job:
            return None
        _, passage = self._under_way
        self._under_way = None
        return passage

    def _take_under_way(self) -> Job | None:
        under_way, self._under_way = self._under_way, None
        return under_way[0] if under_way is not None else None
