"""What is measured of one session: how late its results are told, and where the time went."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from opentelemetry.metrics import Meter
from opentelemetry.util.types import AttributeValue

from gateway.events import Body, Notice, NoticeKind, Speech, Transcript, Translation
from gateway.session import GatewaySession
from livetranslate import names
from livetranslate.metrics import METER, counter, histogram
from livetranslate.telemetry import trace_context
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import samples_of_duration, seconds_of_duration

_MAX_SEGMENTS = 64  # more than are open in one session; of older ones nothing is told any more
_MAX_UNDURABLE = 10_000  # finals that the store owes: as many as the core lets it owe

Attributes = dict[str, AttributeValue]
"""Made once: a dictionary for each measurement would cost more than the rest of it."""

_TRANSCRIPTS: Final[dict[bool, Attributes]] = {
    is_final: {names.RESULT: "transcript", names.IS_FINAL: is_final} for is_final in (False, True)
}
_TRANSLATIONS: Final[dict[bool, Attributes]] = {
    is_final: {names.RESULT: "translation", names.IS_FINAL: is_final} for is_final in (False, True)
}
_SPEECH: Final[Attributes] = {names.RESULT: "speech", names.IS_FINAL: True}
_NOTICES: Final[dict[NoticeKind, Attributes]] = {kind: {names.CODE: kind.value} for kind in NoticeKind}


@cache  # there are six
def _hop(name: str) -> Attributes:
    return {names.HOP: name}


class ResultInstruments:
    """What the results of all sessions are measured with."""

    def __init__(self, meter: Meter = METER) -> None:
        """Have measured nothing yet."""
        self.commit_lag = histogram(names.COMMIT_LAG, meter)
        self.result_lag = histogram(names.RESULT_LAG, meter)
        self.durable_lag = histogram(names.DURABLE_LAG, meter)
        self.hop_duration = histogram(names.HOP_DURATION, meter)
        self.notices = counter(names.NOTICES, meter)
        for attributes in _NOTICES.values():  # the first one is an increase only where there was none before
            self.notices.add(0, attributes)


@dataclass(slots=True)
class _Segment:
    """What the client has been told of a segment."""

    traceparent: str = ""
    committed_length: int = 0


class SessionMetrics:
    """Watches over what one session tells and stores."""

    def __init__(
        self, session: GatewaySession, instruments: ResultInstruments, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Measure a session from here on, by the clock that the session is told."""
        self._session = session
        self._instruments = instruments
        self._clock = clock
        self._segments: OrderedDict[str, _Segment] = OrderedDict()
        self._spoken: dict[str, tuple[str, int]] = {}  # by language: the clause that was heard last
        self._made_final: dict[int, float] = {}  # by event number: when
        self.audio_bytes = 0
        """Audio that has come from the client."""
        self.ending = ""
        """The state in which the session is left here."""

    def receive_audio(self, size_bytes: int) -> None:
        """The client has sent audio, 16 kHz mono s16le by now."""
        self.audio_bytes += size_bytes

    def receive_told(self, body: Body) -> None:
        """Something has just been told to the client, and not before."""
        match body:
            case Transcript():
                self._receive_transcript(body)
            case Translation():
                self._receive_lag(body.end_sample, _TRANSLATIONS[body.is_final], body.traceparent)
                if body.is_final:
                    self._receive_hops(body.message.hop_times, body.traceparent)
            case Speech():
                self._receive_speech(body)
            case Notice():
                self._instruments.notices.add(1, _NOTICES[body.kind])
            case _:
                return

    def receive_final(self, number: int) -> None:
        """A final is on its way to the store."""
        if len(self._made_final) < _MAX_UNDURABLE:
            self._made_final[number] = self._clock()

    def receive_durable(self, number: int, traceparent: str) -> None:
        """A final is in the store."""
        if (began := self._made_final.pop(number, None)) is not None:
            self._instruments.durable_lag.record(self._clock() - began, None, trace_context(traceparent))

    def receive_refused(self, number: int) -> None:
        """A final will never be in the store."""
        self._made_final.pop(number, None)

    def _receive_transcript(self, body: Transcript) -> None:
        segment = self._segment(body.segment_id)
        revision: asr_pb2.TranscriptRevision = body.message
        segment.traceparent = revision.trace.traceparent
        now = self._clock()
        context = trace_context(segment.traceparent)
        lag = self._session.lag(body.end_sample, now)
        self._instruments.result_lag.record(lag, _TRANSCRIPTS[body.is_final], context)
        if _has_words(body.committed_text[segment.committed_length :]):
            segment.committed_length = len(body.committed_text)
            lag = self._session.lag(committed_end(revision), now)
            self._instruments.commit_lag.record(lag, None, context)
        if body.is_final:
            self._receive_hops(revision.hop_times, segment.traceparent)

    def _receive_speech(self, body: Speech) -> None:
        """How late a clause begins to be heard: what follows is heard after it, however early it comes."""
        place = body.segment_id, body.clause
        if self._spoken.get(body.language) == place:
            return
        self._spoken[body.language] = place
        traceparent = self._segment(body.segment_id).traceparent
        self._receive_lag(body.end_sample, _SPEECH, traceparent)
        self._receive_hops(body.message.hop_times, traceparent)

    def _receive_lag(self, end_sample: int, attributes: Attributes, traceparent: str) -> None:
        lag = self._session.lag(end_sample, self._clock())
        self._instruments.result_lag.record(lag, attributes, trace_context(traceparent))

    def _receive_hops(self, hop_times: Iterable[types_pb2.HopTime], traceparent: str) -> None:
        for hop_time in hop_times:
            seconds = seconds_of_duration(hop_time.duration)
            self._instruments.hop_duration.record(seconds, _hop(hop_time.hop), trace_context(traceparent))

    def _segment(self, segment_id: str) -> _Segment:
        segment = self._segments.setdefault(segment_id, _Segment())
        if len(self._segments) > _MAX_SEGMENTS:
            self._segments.popitem(last=False)
        return segment


def committed_end(revision: asr_pb2.TranscriptRevision) -> int:
    """The sample at which the committed words end: what is told then may be much younger."""
    rest = _size(revision.committed_text)
    for word in revision.words:
        rest -= _size(word.text)
        if rest <= 0:
            return samples_of_duration(word.end_offset)
    return samples_of_duration(revision.end_offset)


def _has_words(text: str) -> bool:
    """Whether there is more than a closing mark, which may come with the final revision."""
    return any(character.isalnum() for character in text)


def _size(text: str) -> int:
    """The characters that are not spaces: where those stand between words depends on the script."""
    return len(text) - text.count(" ")
