"""What is stored of a session: its record, its segments and their translations, where its recognizer stands, its audio.

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
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A language to translate into, when that is committed, and whether and how it is spoken.

    What sessions of older versions do not have is as it was then.
    """

    language_code: str
    speech: bool = False
    voice: str = ""
    policy: str = "UNSPECIFIED"
    encoding: str = "PCM_S16LE"
    max_speaking_rate: float = 1.25
    max_lag_seconds: float = 10.0
    ducking_db: float = 15.0


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is listed.

    Attributes:
        target_language_codes: All languages that it has been translated into so far.
        targets: Those of now.
        retention_seconds: How long it is kept after its end; None: for ever.
        expire_time: When it will be deleted, known once it has ended.
    """

    session_id: str
    title: str
    state: SessionState
    source_language_code: str
    target_language_codes: tuple[str, ...]
    start_time: datetime
    end_time: datetime | None = None
    sample_count: int = 0
    segment_count: int = 0
    targets: tuple[TargetRecord, ...] = ()
    retention_seconds: int | None = None
    store_audio: bool = False
    store_speech: bool = False
    expire_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class WordRecord:
    """A recognized word and where it was spoken."""

    text: str
    start_sample: int
    end_sample: int
    confidence: float


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """The final transcript of one segment, and the languages it is to be translated into."""

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
    lag_ms: float
    hop_times_ms: Mapping[str, float]
    traceparent: str
    target_language_codes: tuple[str, ...] = ()
    is_continued: bool = False  # whether the sentence goes on in the next segment


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
    quality: float = 0.0  # 0 to 1
    quality_reasons: tuple[str, ...] = ()
    missed_terms: tuple[str, ...] = ()
    rejected_models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionRecord:
    """From where, and with what state, the recognizer can go on; everything before `sample` is stored."""

    session_id: str
    sample: int
    state: bytes


@dataclass(frozen=True, slots=True)
class TargetsRecord:
    """All targets from here on."""

    session_id: str
    targets: tuple[TargetRecord, ...]


@dataclass(frozen=True, slots=True)
class AudioRecord:
    """A stretch of the session's audio: 16 kHz, s16le, one channel."""

    session_id: str
    start_sample: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class SpeechRecord:
    """A segment's spoken translation: s16le, one channel."""

    session_id: str
    segment_id: str
    language_code: str
    sample_rate_hertz: int
    audio: bytes


FinalRecord = SegmentRecord | TranslationRecord  # what has a number in the session's log
Record = FinalRecord | PositionRecord | TargetsRecord | AudioRecord | SpeechRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and the generation of the session's owner that made it."""

    generation: int
    record: Record
