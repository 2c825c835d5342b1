"""The session log: what was played to a session and everything that came back, each with its time.

All figures are made from it alone. `docs/quality.md` documents it for other programs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple


class Word(NamedTuple):
    """A recognized word and where in the audio it was spoken, in seconds."""

    text: str
    start: float
    end: float


class Sentence(NamedTuple):
    """A sentence that is spoken in the audio, where (in seconds), and how a person translates it."""

    text: str
    start: float
    end: float
    translation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What was played, and how. All times are seconds."""

    name: str
    language: str = "en"
    target: str = ""
    policy: str = ""
    is_paced: bool = True
    chunk_seconds: float = 0.1
    audio_seconds: float
    sent: tuple[float, ...]  # when each chunk was
    sentences: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that came back. Times are seconds: `t` since the first chunk was sent, offsets in the audio."""

    t: float
    kind: str  # the name of the field of `SessionEvent`
    segment_id: str = ""
    language: str = ""
    committed: str = ""
    unstable: str = ""
    is_final: bool = False
    start: float = 0.0
    end: float = 0.0
    source_end: float = 0.0
    lag: float = 0.0
    words: tuple[Word, ...] = ()
    model: str = ""
    quality: float = 0.0
    clause: int = 0
    seconds: float = 0.0
    is_last: bool = False
    is_segment_end: bool = False
    playout: float = 0.0
    playout_lag: float = 0.0
    speaking_rate: float = 0.0
    code: str = ""
    message: str = ""

    @property
    def shown(self) -> str:
        """All text that a reader sees."""
        return f"{self.committed} {self.unstable}".strip()


History = list[Event]
"""The revisions of one segment's text, in the order in which they came; the last one is final."""


def committed_at(history: History, count: int) -> float:
    """When the first `count` words of a text were committed; with the final revision all are."""
    return next(event.t for event in history if event.is_final or len(event.committed.split()) >= count)


@dataclass(frozen=True, slots=True)
class SessionLog:
    """A session, from the first chunk to the summary."""

    header: Header
    events: tuple[Event, ...]

    def of(self, kind: str) -> Iterator[Event]:
        """The events of one kind."""
        return (event for event in self.events if event.kind == kind)

    def histories(self, kind: str) -> dict[str, History]:
        """How the text of each segment came about, for those that became final, in the order of the audio."""
        histories: dict[str, History] = {}
        for event in self.of(kind):
            histories.setdefault(event.segment_id, []).append(event)
        return {name: history for name, history in sorted(histories.items()) if history[-1].is_final}

    def sent_at(self, offset: float) -> float:
        """When the audio up to an offset had been sent, that is, the chunk with the last sample before it."""
        # Offsets are whole samples; the margin keeps one that ends with a chunk from falling into the next.
        chunk = ceil(offset / self.header.chunk_seconds - 1e-6) - 1
        return self.header.sent[min(max(chunk, 0), len(self.header.sent) - 1)]
