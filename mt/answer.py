"""What a session tells its client."""

from dataclasses import dataclass
from enum import Enum, auto

from mt.quality import QualityReason


@dataclass(frozen=True, slots=True)
class Revision:
    """The newest translation of a segment into one target.

    Attributes:
        segment_id: The segment.
        language_code: The target as the client names it.
        source_revision: The newest revision of the transcript in it.
        committed_text: Text that only grows.
        unstable_text: Text after it that may still change; empty where final.
        is_final: Whether nothing more comes for this segment and target.
        source_end_sample: Where the speech ends that `committed_text` translates; 0 where that is not known.
        received_seconds: When what is new in it was received, by the clock of the stream.
        model_seconds: The time spent in models on what is new in it.
        traceparent: The newest span; empty where there is none.
        model: The model that gave most of the committed text, else that of the draft.
        rejected_models: Models whose translations were worse.
        quality: How good the committed text seems to be, 0 to 1; 0 before the final.
        reasons: What speaks against it, gravest first.
        missed_terms: Terms of the glossary, as their sources, that it lacks.
    """

    segment_id: str
    language_code: str
    source_revision: int
    committed_text: str = ""
    unstable_text: str = ""
    is_final: bool = False
    source_end_sample: int = 0
    received_seconds: float = 0.0
    model_seconds: float = 0.0
    traceparent: str = ""
    model: str = ""
    rejected_models: tuple[str, ...] = ()
    quality: float = 0.0
    reasons: tuple[QualityReason, ...] = ()
    missed_terms: tuple[str, ...] = ()


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
