"""The unit of work: a piece of one segment to translate into one target."""

from dataclasses import dataclass, field
from enum import StrEnum

from livetranslate.glossary import Glossary
from mt.quality import QualityReason


@dataclass(frozen=True, slots=True)
class RouteModel:
    """A model that translates a pair of languages.

    Attributes:
        name: Its name.
        source: The source language as it writes it.
        target: The target language as it writes it.
        takes: Optional inputs that it makes use of: `context`, `prefix`.
    """

    name: str
    source: str
    target: str
    takes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """How one target is reached from one source language.

    Attributes:
        language_code: The target as the client names it.
        models: The models that translate into it, in the order they are tried; none where it is the source language.
    """

    language_code: str
    models: tuple[RouteModel, ...]

    @property
    def takes_prefix(self) -> bool:
        """Whether a clause needs the translation of those before it."""
        return any("prefix" in model.takes for model in self.models)


@dataclass(frozen=True, slots=True)
class SourceWord:
    """A word of a transcript, and where in the session's audio it was spoken.

    Attributes:
        text: The word as written.
        start_sample: Where it starts.
        end_sample: Where it ends (exclusive).
    """

    text: str
    start_sample: int
    end_sample: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One revision of a transcript segment.

    Attributes:
        segment_id: Its name in the session.
        revision: The transcript's revision.
        committed_text: Text that only grows.
        unstable_text: Text after it that may still change; empty where final.
        is_final: Whether it is the segment's last revision.
        is_continued: Whether the sentence goes on in the next segment.
        language_code: The language spoken in it.
        words: Those of its text, committed ones first; a committed word's times stay as they are. May be missing.
        traceparent: The segment's trace.
        received_seconds: When it came, by the clock of the stream.
    """

    segment_id: str
    revision: int
    committed_text: str
    unstable_text: str = ""
    is_final: bool = False
    is_continued: bool = False
    language_code: str = ""
    words: tuple[SourceWord, ...] = ()
    traceparent: str = ""
    received_seconds: float = 0.0

    @property
    def text(self) -> str:
        """All of its text."""
        return f"{self.committed_text} {self.unstable_text}".strip()


class JobKind(StrEnum):
    """What becomes of a translation."""

    DRAFT = "draft"
    """It is shown until a newer one comes: it may fail, and is worth having only soon."""
    CLAUSE = "clause"
    """It is committed: it must come, however late."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A piece of a segment to translate into one target. Two jobs are never equal, whatever they say.

    Attributes:
        segment: The revision that asked for it.
        route: The way into the target.
        text: What to translate: a clause, or a draft of what comes after the last one.
        kind: What becomes of it.
        context: Source texts before `text`, oldest first: of up to two segments before, then this one's clauses, unless
            the route takes a prefix: they are in `before`.
        before: The source text of this segment before `text`. A model that takes `prefix` gets it and `text` in one.
        prefix: The translation of `before`, for a model that continues it.
        glossary: Terms to keep or to translate in a certain way.
    """

    segment: Segment
    route: Route
    text: str
    kind: JobKind = JobKind.CLAUSE
    context: tuple[str, ...] = ()
    before: str = ""
    prefix: str = ""
    glossary: Glossary = field(default_factory=Glossary)


@dataclass(frozen=True, slots=True)
class Translation:
    """What a job gave.

    Attributes:
        text: The translation of the job's text alone, without the prefix.
        model_seconds: The time spent in models.
        traceparent: The span of the job; empty where it has none.
        model: The model that gave it.
        rejected_models: Models whose translation was worse, in the order tried.
        quality: How good it seems to be, 0 to 1.
        reasons: What speaks against it, gravest first.
        missed_terms: Terms of the glossary, as their sources, that it lacks.
    """

    text: str
    model_seconds: float = 0.0
    traceparent: str = ""
    model: str = ""
    rejected_models: tuple[str, ...] = ()
    quality: float = 1.0
    reasons: tuple[QualityReason, ...] = ()
    missed_terms: tuple[str, ...] = ()
