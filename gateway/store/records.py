"""What is stored of a session: its record, its segments and their translations.

Times are counts of 16 kHz samples from the session's first sample. A segment is named by its first one, as twelve
decimal digits, so that ids sort by time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SessionState(StrEnum):
    """Where a session is in its life."""

    ACTIVE = "active"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is listed."""

    session_id: str
    title: str
    state: SessionState
    source_language_code: str
    target_language_codes: tuple[str, ...]
    start_time: datetime
    end_time: datetime | None = None
    sample_count: int = 0
    segment_count: int = 0


@dataclass(frozen=True, slots=True)
class WordRecord:
    """A recognized word and where it was spoken."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """The final transcript of one segment."""

    session_id: str
    event_number: int
    segment_id: str
    start_sample: int
    end_sample: int
    language_code: str
    text: str
    words: tuple[WordRecord, ...]
    confidence: float
    model: str
    decoder_state: bytes
    lag_ms: float
    hop_times_ms: Mapping[str, float]
    traceparent: str


@dataclass(frozen=True, slots=True)
class TranslationRecord:
    """The final translation of one segment into one language."""

    session_id: str
    event_number: int
    segment_id: str
    start_sample: int
    end_sample: int
    language_code: str
    text: str
    model: str
    lag_ms: float
    hop_times_ms: Mapping[str, float]
    traceparent: str


Record = SegmentRecord | TranslationRecord
