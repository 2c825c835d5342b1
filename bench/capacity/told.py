"""What a session was told, read from its record."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bench.capacity.script import DueText, script
from bench.capacity.visit import Record
from bench.load import CHUNK_SECONDS
from bench.quality.entry import entry
from bench.quality.lags import committed_words
from bench.quality.session_log import Header, SessionLog
from bench.speech import CHUNK_SAMPLES
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.wire import samples_of_duration

NEVER = float("inf")


class Latency(NamedTuple):
    """How late something came: when what it is about was spoken, and how long after that it was told."""

    spoken_at: float
    seconds: float


class _Text(NamedTuple):
    at: float
    revision: int
    is_final: bool
    end_chunk: int


@dataclass(frozen=True)
class Told:
    """A session's answers."""

    record: Record

    @cached_property
    def events(self) -> list[tuple[float, gateway_pb2.SessionEvent]]:
        """Each event and when it came."""
        parse = gateway_pb2.StreamingTranslateSpeechResponse.FromString
        return [(at, parse(answer).event) for at, answer in self.record.answers]

    @property
    def is_whole(self) -> bool:
        """Whether the session came to its summary."""
        return bool(self.events) and self.events[-1][1].HasField("summary")

    @property
    def opening_seconds(self) -> float:
        """From opening the session to being let in, or refused."""
        answered_at = self.record.answers[0][0] if self.record.answers else self.record.ended_at
        return answered_at - self.record.visit.start

    @property
    def degradation(self) -> int:
        """The most that the server said it leaves out: 0 to 3, as metrics have it."""
        notices = [event.notice for _, event in self.events if event.HasField("notice")]
        levels = (
            notice.degradation - types_pb2.DEGRADATION_NONE
            for notice in notices
            if notice.code == types_pb2.NOTICE_CODE_DEGRADATION_CHANGED
        )
        return max((0, *levels))

    def texts(self, *, is_final: bool) -> Iterator[Latency]:
        """Riva's latency of transcripts: from sending the chunk that completed what is told to receiving it."""
        for texts in self._transcripts.values():
            yield from (self._latency(text) for text in texts if text.is_final is is_final)

    def final_translations(self) -> Iterator[Latency]:
        """The same of final translations."""
        return (self._latency(text) for text in self._translations.values())

    def commits(self) -> Iterator[Latency]:
        """For each word: from its end to the first transcript that has committed it."""
        visit = self.record.visit
        header = Header(
            name="",
            chunk_seconds=CHUNK_SECONDS,
            audio_seconds=visit.end - visit.start,
            sent=tuple(visit.spoken_at(chunk) - visit.start for chunk in range(visit.chunk_count)),
        )
        log = SessionLog(header, tuple(entry(event, at - visit.start) for at, event in self.events))
        for word, committed in committed_words(log):
            sent = log.sent_at(word.end)
            yield Latency(visit.start + sent, committed - sent)

    def added(self, *, is_final: bool) -> Iterator[Latency]:
        """For each transcript that was due: from the chunk that it was due with to this one, or a later one."""
        for due in self._due():
            if due.is_final is is_final:
                texts = self._transcripts.get(due.segment_id, [])
                at = (text.at for text in texts if text.is_final or (text.revision >= due.revision and not is_final))
                yield self._after(due.chunk, next(at, NEVER))

    def added_to_translations(self) -> Iterator[Latency]:
        """For each final translation: from the chunk with which its transcript was due."""
        for due in self._due():
            if due.is_final and due.has_words:
                text = self._translations.get(due.segment_id)
                yield self._after(due.chunk, NEVER if text is None else text.at)

    def _due(self) -> Iterator[DueText]:
        visit = self.record.visit
        return script(visit.place).texts(visit.chunk_count)

    def _after(self, chunk: int, at: float) -> Latency:
        spoken_at = self.record.visit.spoken_at(chunk)
        return Latency(spoken_at, at - spoken_at)

    def _latency(self, text: _Text) -> Latency:
        return self._after(text.end_chunk, text.at)

    @cached_property
    def _transcripts(self) -> dict[str, list[_Text]]:
        """By segment, in the order in which they came."""
        texts: dict[str, list[_Text]] = defaultdict(list)
        for at, event in self.events:
            if event.HasField("transcript"):
                revision = event.transcript.revision
                end_chunk = _chunk_of(samples_of_duration(revision.end_offset))
                texts[revision.segment_id].append(_Text(at, revision.revision, revision.is_final, end_chunk))
        return texts

    @cached_property
    def _translations(self) -> dict[str, _Text]:
        """The final one of each segment."""
        return {
            event.translation.revision.segment_id: _Text(
                at, 0, is_final=True, end_chunk=_chunk_of(samples_of_duration(event.translation.end_offset))
            )
            for at, event in self.events
            if event.HasField("translation") and event.translation.revision.is_final
        }


def _chunk_of(end_sample: int) -> int:
    """The chunk with the last sample before an offset."""
    return max(0, -(-end_sample // CHUNK_SAMPLES) - 1)
