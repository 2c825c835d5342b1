"""The clauses of one segment in one target: translated some at once, committed in order."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from mt.clauses import Clause
from mt.job import Job, Translation
from mt.joining import fitted, joined
from mt.marks import has_final_mark


@dataclass(slots=True)
class _Waiting:
    """A clause that is not committed yet, the job that translates it once it has started, and what that gave."""

    clause: Clause
    job: Job | None = None
    translation: Translation | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A clause that is translated for good, and the text up to its end."""

    clause: Clause
    job: Job
    translation: Translation
    text: str


class ClauseQueue:
    """Clauses that wait for their translations, and the text of those that have theirs."""

    def __init__(self, language: str, *, continues_sentence: bool) -> None:
        """Begin with none.

        Args:
            language: The target.
            continues_sentence: Whether the first clause goes on with a sentence of the segment before.
        """
        self.text = ""
        self.committed: list[Committed] = []
        self._language = language
        self._continues_sentence = continues_sentence
        self._waiting: deque[_Waiting] = deque()

    @property
    def is_empty(self) -> bool:
        """Whether no clause waits."""
        return not self._waiting

    @property
    def end(self) -> int:
        """Characters of the source text that `text` translates."""
        return self.committed[-1].clause.end if self.committed else 0

    def add(self, clauses: Iterable[Clause]) -> None:
        """Take the clauses that come next."""
        self._waiting += map(_Waiting, clauses)

    def jobs_to_start(self, limit: int, job_for: Callable[[Clause, int], Job]) -> list[Job]:
        """Jobs for the next clauses, of which `limit` may wait; `job_for` is told how many clauses come before."""
        jobs = []
        for place, waiting in enumerate(islice(self._waiting, limit), len(self.committed)):
            if waiting.job is None:
                waiting.job = job_for(waiting.clause, place)
                jobs.append(waiting.job)
        return jobs

    def owns(self, job: Job) -> bool:
        """Whether a clause waits for this job."""
        return any(waiting.job is job for waiting in self._waiting)

    def receive_translation(self, job: Job, translation: Translation) -> None:
        """Take what a job gave; clauses up to the first that still waits are committed."""
        for waiting in self._waiting:
            if waiting.job is job:
                waiting.translation = translation
        while self._waiting and (first := self._waiting[0]).job is not None and first.translation is not None:
            self._waiting.popleft()
            text = self.fitted(first.translation.text, first.clause.text)
            self.text = joined(self.text, text, self._language)
            self.committed.append(Committed(first.clause, first.job, first.translation, self.text))

    def fitted(self, translation: str, source: str) -> str:
        """The translation of what comes after the committed clauses as it stands there."""
        is_inside = not has_final_mark(self.committed[-1].clause.text) if self.committed else self._continues_sentence
        return fitted(translation, source, starts_sentence=not is_inside)

    def give_up(self) -> list[Job]:
        """Forget the clauses that wait; returns the jobs under way."""
        jobs = [waiting.job for waiting in self._waiting if waiting.job is not None and waiting.translation is None]
        self._waiting.clear()
        return jobs
