"""What a session told its client, event by event."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Self

from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import samples_of_duration


@dataclass
class Told:
    """All events of a session, and ways to look at them."""

    events: list[gateway_pb2.SessionEvent] = field(default_factory=list)

    @classmethod
    async def of(cls, events: AsyncIterable[gateway_pb2.SessionEvent]) -> Self:
        """Wait for the end of the session."""
        return cls([event async for event in events])

    async def until(self, events: AsyncIterator[gateway_pb2.SessionEvent], holds: Callable[[Self], bool]) -> None:
        """Listen on until something holds."""
        while not holds(self):
            self.events.append(await anext(events))

    @property
    def kinds(self) -> list[str | None]:
        return [event.WhichOneof("event") for event in self.events]

    @property
    def transcripts(self) -> list[gateway_pb2.Transcript]:
        return [event.transcript for event in self.events if event.HasField("transcript")]

    @property
    def finals(self) -> dict[str, str]:
        """The final texts by segment."""
        revisions = [transcript.revision for transcript in self.transcripts]
        return {r.segment_id: r.committed_text for r in revisions if r.is_final and r.committed_text}

    @property
    def word_count(self) -> int:
        return sum(len(text.split()) for text in self.finals.values())

    def translated(self, language: str) -> list[str]:
        """The segments whose final translation came, in order."""
        revisions = [event.translation.revision for event in self.events if event.HasField("translation")]
        return [r.segment_id for r in revisions if r.is_final and r.language_code == language]

    @property
    def speech(self) -> list[gateway_pb2.Speech]:
        return [event.speech for event in self.events if event.HasField("speech")]

    @property
    def notices(self) -> list[str]:
        codes = [event.notice.code for event in self.events if event.HasField("notice")]
        return [types_pb2.NoticeCode.Name(code).removeprefix("NOTICE_CODE_") for code in codes]

    @property
    def checkpoints(self) -> list[int]:
        """Durable samples."""
        told = [event.checkpoint for event in self.events if event.HasField("checkpoint")]
        return [samples_of_duration(checkpoint.durable_offset) for checkpoint in told]

    @property
    def numbers(self) -> list[int]:
        """Of the events that are stored."""
        return [event.event_number for event in self.events if event.event_number]

    @property
    def summary(self) -> gateway_pb2.SessionSummary:
        return self.events[-1].summary

    @property
    def started(self) -> gateway_pb2.SessionStarted:
        return self.events[0].session_started

    @property
    def resume_sample(self) -> int:
        """From where the server needs audio."""
        return samples_of_duration(self.started.resume_offset)

    @property
    def session_id(self) -> str:
        return self.started.session_id
