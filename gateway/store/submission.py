"""What waits in the store writer: submissions, each the records of one `put`, in the order of puts."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gateway.store.records import AudioRecord, Entry, PositionRecord, Record, SegmentRecord, SpeechRecord, TargetsRecord

_RECORD_BYTES = 1500  # the objects of a record of little text, as measured
_WORD_BYTES = 300


class Limits(NamedTuple):
    """How much may lie somewhere."""

    record_count: int
    size_bytes: int

    @property
    def halved(self) -> "Limits":
        """Half of it."""
        return Limits(self.record_count // 2, self.size_bytes // 2)


@dataclass(frozen=True, slots=True)
class Submission:
    """Records of one session, to be stored together.

    Attributes:
        number: That of its last record, where the records of all puts are counted 1, 2, 3 …
        generation: That of the session's owner.
    """

    number: int
    generation: int
    records: tuple[Record, ...]

    @property
    def owner(self) -> tuple[str, int]:
        """Its session and generation."""
        return self.records[0].session_id, self.generation

    @property
    def size_bytes(self) -> int:
        """About how much memory it takes."""
        return sum(map(_size_bytes, self.records))

    @property
    def entries(self) -> list[Entry]:
        """The records as they are written."""
        return [Entry(self.generation, record) for record in self.records]


class SubmissionQueue:
    """Submissions in memory, oldest first, and how much they are."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: deque[tuple[Submission, int]] = deque()
        self._record_count = 0
        self._size_bytes = 0

    def __len__(self) -> int:
        """How many submissions there are."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[Submission]:
        """The submissions, oldest first."""
        return (submission for submission, _ in self._waiting)

    def append(self, submission: Submission) -> None:
        """Add the newest one."""
        size_bytes = submission.size_bytes
        self._waiting.append((submission, size_bytes))
        self._record_count += len(submission.records)
        self._size_bytes += size_bytes

    def drop_through(self, number: int) -> None:
        """Remove those up to a number."""
        while self._waiting and self._waiting[0][0].number <= number:
            submission, size_bytes = self._waiting.popleft()
            self._record_count -= len(submission.records)
            self._size_bytes -= size_bytes

    def exceeds(self, limits: Limits) -> bool:
        """Whether there is more than so much."""
        return self._record_count > limits.record_count or self._size_bytes > limits.size_bytes

    def head(self, limits: Limits) -> list[Submission]:
        """The oldest ones within the limits; at least one, if there is any."""
        return within(self, limits)


def within(submissions: Iterator[Submission] | SubmissionQueue, limits: Limits) -> list[Submission]:
    """The first submissions within the limits; at least one, if there is any: a large one must not wait for ever."""
    taken: list[Submission] = []
    record_count = size_bytes = 0
    for submission in submissions:
        record_count += len(submission.records)
        size_bytes += submission.size_bytes
        if taken and (record_count > limits.record_count or size_bytes > limits.size_bytes):
            break
        taken.append(submission)
    return taken


def _size_bytes(record: Record) -> int:
    match record:
        case SegmentRecord():
            return _RECORD_BYTES + len(record.text) + _WORD_BYTES * len(record.words)
        case PositionRecord():
            return _RECORD_BYTES + len(record.state)
        case AudioRecord() | SpeechRecord():
            return _RECORD_BYTES + len(record.audio)
        case TargetsRecord():
            return _RECORD_BYTES
        case _:
            return _RECORD_BYTES + len(record.text)
