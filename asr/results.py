"""What comes out of a recognition."""

from dataclasses import dataclass

from asr.endpoint import SegmentEnd
from asr.hypothesis import Word
from asr.memory import Memory


@dataclass(frozen=True, slots=True)
class Revision:
    """A segment's text as it stands now."""

    segment_id: str
    number: int
    start_sample: int
    end_sample: int
    committed: tuple[Word, ...]
    unstable: tuple[Word, ...]
    is_final: bool
    decoded_sample: int  # the audio that the recognizer had heard
    model_seconds: float  # that its last answer took
    language: str
    end: SegmentEnd | None = None  # why the segment ended, once it is final


@dataclass(frozen=True, slots=True)
class Activity:
    """Speech has started at a sample, or ended there; also where it comes to no words."""

    is_start: bool
    sample: int
    segment_id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything before `processed_sample` is final or was not speech; with `memory` one can go on from there."""

    processed_sample: int
    memory: Memory


@dataclass(frozen=True, slots=True)
class LanguageChange:
    """Another language is spoken from a segment on, or one that is none of the session's."""

    segment_id: str
    language: str
    is_candidate: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A segment that could not be recognized."""

    segment_id: str
    message: str


Result = Revision | Activity | Progress | LanguageChange | Failure
