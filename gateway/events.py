"""What happens in a session, as the core knows it. `message` is the wire's own form of it, passed on unread."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.degradation import Degradation


class NoticeKind(StrEnum):
    """What a notice is about; the names are those of `NoticeCode`."""

    RECOGNITION_FAILED = "RECOGNITION_FAILED"
    TRANSLATION_FAILED = "TRANSLATION_FAILED"
    SYNTHESIS_FAILED = "SYNTHESIS_FAILED"
    SPEECH_SKIPPED = "SPEECH_SKIPPED"
    AUDIO_TRUNCATED = "AUDIO_TRUNCATED"
    NO_SPEECH = "NO_SPEECH"
    STORE_UNAVAILABLE = "STORE_UNAVAILABLE"
    DRAINING = "DRAINING"
    TARGET_REFUSED = "TARGET_REFUSED"
    SESSION_LIMIT = "SESSION_LIMIT"
    AUDIO_LOST = "AUDIO_LOST"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    LANGUAGE_CHANGED = "LANGUAGE_CHANGED"
    DEGRADATION_CHANGED = "DEGRADATION_CHANGED"


MAX_TARGETS = 16  # of one session at a time


class TranslationPolicy(StrEnum):
    """When a translation is committed; the names are those of `TranslationPolicy` on the wire."""

    UNSPECIFIED = "UNSPECIFIED"
    CLAUSES = "CLAUSES"
    SEGMENTS = "SEGMENTS"


class SpeechEncoding(StrEnum):
    """How the samples of speech are written; the names are those of `SpeechEncoding` on the wire."""

    PCM_S16LE = "PCM_S16LE"
    OGG_OPUS = "OGG_OPUS"


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """How a translation is spoken."""

    encoding: SpeechEncoding = SpeechEncoding.PCM_S16LE
    max_speaking_rate: float = 1.25
    max_lag_seconds: float = 10.0
    ducking_db: float = 15.0  # by how much to lower the original meanwhile


@dataclass(frozen=True, slots=True)
class Target:
    """A language to translate into."""

    language: str
    speech: bool = False
    voice: str = ""
    policy: TranslationPolicy = TranslationPolicy.UNSPECIFIED
    speech_options: SpeechOptions = SpeechOptions()


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets from here on."""

    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A place where recognition can begin anew: everything before it is final or was not speech."""

    sample: int = 0
    state: bytes = b""  # what the recognizer remembers there


@dataclass(frozen=True, slots=True)
class Transcript:
    """A segment's newest text."""

    segment_id: str
    start_sample: int
    end_sample: int
    committed_text: str
    unstable_text: str
    is_final: bool
    message: Any
    revision: int = 0  # counts the segment's revisions
    lag_seconds: float = 0.0
    target_languages: tuple[str, ...] = ()  # in a final: what it is to be translated into


@dataclass(frozen=True, slots=True)
class Translation:
    """A segment's newest translation into one target."""

    segment_id: str
    language: str
    committed_text: str
    unstable_text: str
    is_final: bool
    message: Any
    start_sample: int = 0
    end_sample: int = 0
    lag_seconds: float = 0.0
    source_end_sample: int = 0  # up to where the speech is translated by the committed text; 0 where mt does not know
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of spoken translation."""

    segment_id: str
    language: str
    is_last: bool  # of its clause
    message: Any
    start_sample: int = 0
    end_sample: int = 0
    lag_seconds: float = 0.0
    clause: int = 0
    is_segment_end: bool = False  # whether its clause is the segment's last
    encoding: SpeechEncoding = SpeechEncoding.PCM_S16LE
    ducking_db: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeechActivity:
    """Speech has started or ended, and with it a segment."""

    segment_id: str
    sample: int  # where it starts or ends
    is_start: bool


@dataclass(frozen=True, slots=True)
class SpokenClause:
    """A stretch of committed translation to be spoken: what a revision has added to it.

    Attributes:
        segment_id: The segment.
        language: The target.
        clause: Counts those of the segment in this language from 0.
        text: What to say; may be empty at the segment's end.
        is_segment_end: Whether nothing follows in this segment.
        start_sample: Where the speech that it translates starts.
        end_sample: Where that ends.
        traceparent: The segment's trace.
    """

    segment_id: str
    language: str
    clause: int
    text: str
    is_segment_end: bool
    start_sample: int
    end_sample: int
    traceparent: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The session is open."""

    session_id: str
    resume_token: str = ""
    resume_window_seconds: float = 0.0
    is_resumed: bool = False
    resume_sample: int = 0  # from where audio is needed
    last_event_number: int = 0  # the last one stored


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything before `durable_sample` is stored."""

    durable_sample: int
    last_event_number: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something went wrong for one segment or target, and the session goes on."""

    kind: NoticeKind
    message: str
    segment_id: str = ""
    language: str = ""
    degradation: Degradation | None = None  # with DEGRADATION_CHANGED: what is left out from here on


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals of a session."""

    session_id: str
    sample_count: int = 0
    speech_samples: int = 0
    segment_count: int = 0
    translation_count: int = 0
    word_count: int = 0
    notice_count: int = 0


Body = Started | SpeechActivity | Transcript | Translation | Speech | Checkpoint | Notice | Summary


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `number` counts those that are stored, 0 is for those that are not."""

    number: int
    body: Body

    @property
    def is_stored(self) -> bool:
        """Whether it belongs to the session's log."""
        return self.number > 0
