"""The unit of work: one segment to translate into one target."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """How one target is reached.

    Attributes:
        language_code: The target as the client names it.
        model: The model that translates into it.
        source: The source language as the model writes it.
        target: The target language as the model writes it.
    """

    language_code: str
    model: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One revision of a transcript segment.

    Attributes:
        segment_id: Its name in the session.
        revision: The transcript's revision.
        text: What to translate: committed text, and for a draft the unstable text after it.
        is_final: Whether it is the segment's last revision.
        traceparent: The segment's trace.
        received_seconds: When it came, by the clock of the stream.
    """

    segment_id: str
    revision: int
    text: str
    is_final: bool
    traceparent: str = ""
    received_seconds: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A segment to translate into one target. Two jobs are never equal, whatever they say."""

    segment: Segment
    route: Route


@dataclass(frozen=True, slots=True)
class Translation:
    """What a job gave.

    Attributes:
        text: The translation.
        model_seconds: The time spent in the model.
        traceparent: The span of the job; empty where it has none.
    """

    text: str
    model_seconds: float = 0.0
    traceparent: str = ""
