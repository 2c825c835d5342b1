"""The core of mt: segments, targets and translations in; jobs and answers out. It never waits.

Its laws, per segment and target:

- committed text only grows, and depends on the transcript's committed text alone, not on the revisions it came in;
- each clause is translated once;
- a final is answered exactly once, in the order of the segments, by a final revision or by a notice;
- a draft may be left out; of several only the newest counts; none comes after the final;
- once a target is removed, nothing more is said about it.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from livetranslate.glossary import Glossary
from mt.answer import Answer, Notice, Trouble
from mt.job import Job, Route, Segment, Translation
from mt.lane import Lane
from mt.policy import Target

_FINISHED_COUNT = 256  # segments remembered as over: far more than are open at a time, and constant memory
_HISTORY_COUNT = 2  # segments before that are context: what a sentence refers to is seldom farther away


class MtSession:
    """One session's translations into all its targets."""

    def __init__(
        self, targets: Iterable[Target], glossary: Glossary, *, draft_interval_seconds: float, final_limit: int
    ) -> None:
        """Start with these targets.

        Args:
            targets: What to translate into.
            glossary: Terms to keep or to translate in a certain way.
            draft_interval_seconds: The least time between two drafts for one target.
            final_limit: Finals and notices that may be under way before `has_room` says no.
        """
        self._glossary = glossary
        self._draft_interval_seconds = draft_interval_seconds
        self._final_limit = final_limit
        self._lanes: dict[str, Lane] = {}
        self._notices: list[Notice] = []
        self._jobs_to_cancel: list[Job] = []
        self._finished: dict[str, None] = {}  # the newest last
        self._history: deque[Segment] = deque(maxlen=_HISTORY_COUNT)
        self._is_ended = False
        self.receive_targets(targets)

    @property
    def targets(self) -> tuple[str, ...]:
        """The languages to translate into."""
        return tuple(self._lanes)

    @property
    def final_count(self) -> int:
        """Finals that are not answered yet, in all targets."""
        return sum(lane.final_count for lane in self._lanes.values())

    @property
    def has_room(self) -> bool:
        """Whether another request may be read."""
        return self.final_count + len(self._notices) < self._final_limit

    @property
    def is_done(self) -> bool:
        """Whether everything was answered and nothing more will come."""
        return self._is_ended and not self._notices and not self.final_count

    @property
    def due_seconds(self) -> float | None:
        """When `jobs_to_start` has a draft to start though nothing else happens."""
        return min((due for lane in self._lanes.values() if (due := lane.due_seconds) is not None), default=None)

    def receive_targets(self, targets: Iterable[Target]) -> None:
        """Replace the targets: those not named stop, new ones begin with the start of the segment received next."""
        wanted = {target.language_code: target for target in targets}
        for language in self._lanes.keys() - wanted.keys():
            self._jobs_to_cancel += self._lanes.pop(language).close()
        for language, target in wanted.items():
            if language in self._lanes:
                self._lanes[language].target = target
            else:
                self._lanes[language] = Lane(target, self._glossary, self._draft_interval_seconds)

    def receive_refusal(self, message: str, language_code: str = "") -> None:
        """Tell the client that a target, or a whole update, was refused."""
        self._notices.append(Notice(Trouble.TARGET_REFUSED, message, language_code=language_code))

    def receive_segment(self, segment: Segment, routes: Mapping[str, Route]) -> None:
        """Take a revision, and the way into each target that there is; one of a segment that is over says nothing."""
        if segment.segment_id in self._finished:
            return
        history = tuple(self._history)
        for language, lane in self._lanes.items():
            lane.receive(segment, routes.get(language), history)
        if segment.is_final:
            self._history.append(segment)
            self._remember_finished(segment.segment_id)

    def receive_translation(self, job: Job, translation: Translation) -> None:
        """Take what a job gave."""
        lane = self._lanes.get(job.route.language_code)
        if lane is not None:
            lane.receive_translation(job, translation)

    def receive_failure(self, job: Job, reason: str) -> None:
        """Give up a job; `reason` must not carry text of the session."""
        lane = self._lanes.get(job.route.language_code)
        if lane is not None:
            lane.receive_failure(job, reason)

    def receive_end(self) -> None:
        """No request comes any more: answer the finals, forget the rest."""
        self._is_ended = True
        for lane in self._lanes.values():
            lane.finish()

    def jobs_to_cancel(self) -> Sequence[Job]:
        """Jobs whose result nobody wants any more."""
        jobs, self._jobs_to_cancel = self._jobs_to_cancel, []
        return [*jobs, *(job for lane in self._lanes.values() for job in lane.jobs_to_cancel())]

    def jobs_to_start(self, now_seconds: float) -> Sequence[Job]:
        """Jobs that are due."""
        return [job for lane in self._lanes.values() for job in lane.jobs_to_start(now_seconds)]

    def answers_to_send(self) -> Sequence[Answer]:
        """Answers that are ready; each is given once."""
        notices, self._notices = self._notices, []
        return [*notices, *(answer for lane in self._lanes.values() for answer in lane.answers_to_send())]

    def _remember_finished(self, segment_id: str) -> None:
        self._finished[segment_id] = None
        if len(self._finished) > _FINISHED_COUNT:
            del self._finished[next(iter(self._finished))]
