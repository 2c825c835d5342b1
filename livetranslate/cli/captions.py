"""What is being said: events in, captions and lines out. Pure state, without a terminal."""

from dataclasses import dataclass, field
from typing import Final

from google.protobuf.duration_pb2 import Duration

from livetranslate.v1 import gateway_pb2
from livetranslate.v1.asr_pb2 import TranscriptRevision
from livetranslate.v1.mt_pb2 import TranslationRevision

KEPT_CAPTIONS: Final = 4  # as many as fit on a small terminal with a few translations


@dataclass(frozen=True)
class Utterance:
    """What an event says in one language of one segment; `unstable` may still change."""

    segment_id: str
    language: str
    start_seconds: float
    end_seconds: float
    committed: str
    unstable: str
    is_final: bool

    @property
    def line(self) -> str:
        """A line of plain text, e.g. "[00:01.2 → 00:03.4] en: good morning"."""
        return f"[{clock(self.start_seconds)} → {clock(self.end_seconds)}] {self.language}: {self.committed}"


@dataclass
class Caption:
    """One segment: what is said in each language, the spoken one first."""

    utterances: dict[str, Utterance] = field(default_factory=dict)


class Captions:
    """The newest segments. Older ones are handed out once, and forgotten."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._recent: dict[str, Caption] = {}
        self.position_seconds = 0.0
        self.lag_seconds = 0.0

    @property
    def recent(self) -> list[Caption]:
        """The newest captions, oldest first."""
        return [caption for _, caption in sorted(self._recent.items())]

    def receive(self, event: gateway_pb2.SessionEvent) -> list[Caption]:
        """Takes in an event and returns the captions that it pushes out."""
        if event.HasField("transcript"):
            self.lag_seconds = seconds(event.transcript.lag)
        if (utterance := utterance_of(event, self._source)) is None:
            return []
        self.position_seconds = max(self.position_seconds, utterance.end_seconds)
        self._recent.setdefault(utterance.segment_id, Caption()).utterances[utterance.language] = utterance
        oldest_first = sorted(self._recent)
        return [self._recent.pop(segment_id) for segment_id in oldest_first[:-KEPT_CAPTIONS]]


def utterance_of(event: gateway_pb2.SessionEvent, source: str) -> Utterance | None:
    """Returns what a transcript or a translation says; None for any other event."""
    if event.HasField("transcript"):
        transcript = event.transcript.revision
        language = transcript.language_code if source == "auto" else source
        return _utterance(transcript, language, transcript.start_offset, transcript.end_offset)
    if event.HasField("translation"):
        translation = event.translation
        return _utterance(
            translation.revision, translation.revision.language_code, translation.start_offset, translation.end_offset
        )
    return None


def seconds(duration: Duration) -> float:
    """A duration in seconds."""
    return duration.seconds + duration.nanos / 1e9


def clock(at_seconds: float) -> str:
    """A position as people read it: "01:02.3", from an hour on "1:01:02.3"."""
    tenths = round(at_seconds * 10)
    hours, minutes = divmod(tenths // 600, 60)
    text = f"{minutes:02}:{tenths // 10 % 60:02}.{tenths % 10}"
    return f"{hours}:{text}" if hours else text


def _utterance(
    revision: TranscriptRevision | TranslationRevision, language: str, start: Duration, end: Duration
) -> Utterance:
    return Utterance(
        revision.segment_id,
        language,
        seconds(start),
        seconds(end),
        revision.committed_text,
        revision.unstable_text,
        revision.is_final,
    )
