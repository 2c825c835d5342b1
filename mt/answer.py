"""What a session tells its client."""

from dataclasses import dataclass
from enum import Enum, auto

from mt.job import Job, Translation


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest translation of a segment into one target; final where its segment is."""

    job: Job
    translation: Translation


class Trouble(Enum):
    """What a notice is about."""

    TRANSLATION_FAILED = auto()
    TARGET_REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something went wrong for one segment and target, or for one target; the rest goes on."""

    trouble: Trouble
    message: str
    segment_id: str = ""
    language_code: str = ""


Answer = Revision | Notice
