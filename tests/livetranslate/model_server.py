"""A gateway as the contract describes it, without a network: what it hears, stores and says.

Each 1,600 samples (0.1 s) are a segment with a final transcript, and a final translation into each target of its start.
It checks what it hears against what was said: audio must lie where it was spoken, and wishes where they were made.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, types_pb2
from livetranslate.v1.gateway_pb2 import SessionEvent, StreamingTranslateSpeechRequest
from livetranslate.wire import duration_of_samples, samples_of_duration

SEGMENT_SAMPLES = 1_600
TOKEN = "t1"  # noqa: S105, nobody else would take it


@dataclass
class Speaker:
    """What was really said: bytes that nowhere repeat, and the wishes between them."""

    audio: bytearray = field(default_factory=bytearray)
    flushes: set[int] = field(default_factory=set)
    targets: list[tuple[int, list[str]]] = field(default_factory=lambda: [(0, ["es"])])
    _noise: random.Random = field(default_factory=lambda: random.Random(7))

    def say(self, size_bytes: int) -> bytes:
        spoken = self._noise.randbytes(size_bytes)
        self.audio += spoken
        return spoken

    def targets_at(self, byte: int) -> list[str]:
        return [languages for at, languages in self.targets if at <= byte][-1]


class ModelServer:
    """One session; `tell` gets the events of the stream that is open."""

    def __init__(self, speaker: Speaker, audio_format: types_pb2.AudioFormat, *, checkpoints: bool) -> None:
        self._speaker = speaker
        width = 4 if audio_format.encoding == types_pb2.AUDIO_ENCODING_PCM_F32LE else 2
        self._frame_bytes = width * audio_format.channel_count
        self._bytes_per_sample = Fraction(self._frame_bytes * audio_format.sample_rate_hertz, 16_000)
        self._checkpoints = checkpoints
        self._tell: Callable[[SessionEvent], None] = lambda _event: None
        self._byte = 0  # the place of the next byte to come
        self._targets: list[str] = []
        self._pending: list[list[SessionEvent]] = []  # the events of segments that are not stored
        self.position = 0  # samples; everything before is stored
        self.stored: list[SessionEvent] = []
        self.heard_to_sample = 0
        self.has_started = False

    def open(self, request: StreamingTranslateSpeechRequest, tell: Callable[[SessionEvent], None]) -> None:
        """Takes a stream's first message; what was not stored is forgotten."""
        self._tell = tell
        self._pending = []
        started = gateway_pb2.SessionStarted(session_id="s1", resume_token=TOKEN, is_resumed=self.has_started)
        started.resume_offset.CopyFrom(duration_of_samples(self.position))
        started.last_event_number = len(self.stored)
        if request.HasField("resume"):
            assert self.has_started
            assert (request.resume.session_id, request.resume.resume_token) == ("s1", TOKEN)
            self._open_at(request.resume)
        elif self.has_started:  # nobody knows of the session that was opened first
            self.position, self.stored = 0, []
            started.is_resumed = False
        if request.HasField("config"):
            self._byte, self.heard_to_sample = 0, 0
            self._targets = [target.language_code for target in request.config.targets]
        self.has_started = True
        tell(SessionEvent(session_started=started))
        for event in self.stored[request.resume.last_event_number :]:
            tell(event)

    def _open_at(self, resume: gateway_pb2.ResumeRequest) -> None:
        offset = samples_of_duration(resume.audio_offset)
        assert offset <= self.position, "audio that is needed was not sent again"
        byte = offset * self._bytes_per_sample
        assert byte.denominator == 1, "audio can be cut where both clocks tick, nowhere else"
        assert byte.numerator % self._frame_bytes == 0
        self._byte = byte.numerator
        self._targets = [target.language_code for target in resume.targets.targets]
        assert resume.last_event_number <= len(self.stored)
        self.heard_to_sample = self.position

    def receive(self, request: StreamingTranslateSpeechRequest) -> None:
        """Hears a message; segments that are complete are told at once."""
        if request.HasField("targets"):
            self._targets = [target.language_code for target in request.targets.targets]
        elif request.HasField("flush"):
            assert self._byte in self._speaker.flushes
        else:
            end = self._byte + len(request.audio)
            assert self._speaker.audio[self._byte : end] == request.audio, "audio lies elsewhere than it was spoken"
            assert self._targets == self._speaker.targets_at(self._byte)
            self._byte = end
            self._recognize(int(self._byte / self._bytes_per_sample))

    def _recognize(self, heard_samples: int) -> None:
        while self.heard_to_sample + SEGMENT_SAMPLES <= heard_samples:
            start, self.heard_to_sample = self.heard_to_sample, self.heard_to_sample + SEGMENT_SAMPLES
            number = 1 + len(self.stored) + sum(map(len, self._pending))
            start_byte = int(start * self._bytes_per_sample)
            events = [_transcript(start, number)]
            for place, language in enumerate(self._speaker.targets_at(start_byte), start=1):
                events.append(_translation(start, language, number + place))
            self._pending.append(events)
            self._tell(_transcript(start, 0))  # a draft
            for event in events:
                self._tell(event)

    def store(self, segments: int) -> None:
        """Makes the oldest segments durable, and says so."""
        for events in self._pending[:segments]:
            self.stored += events
            self.position += SEGMENT_SAMPLES
        del self._pending[:segments]
        if self._checkpoints:
            checkpoint = gateway_pb2.Checkpoint(last_event_number=len(self.stored))
            checkpoint.durable_offset.CopyFrom(duration_of_samples(self.position))
            self._tell(SessionEvent(checkpoint=checkpoint))


def _transcript(start: int, number: int) -> SessionEvent:
    revision = asr_pb2.TranscriptRevision(segment_id=f"{start:012}", committed_text=f"{start}", is_final=number > 0)
    return SessionEvent(event_number=number, transcript=gateway_pb2.Transcript(revision=revision))


def _translation(start: int, language: str, number: int) -> SessionEvent:
    revision = mt_pb2.TranslationRevision(segment_id=f"{start:012}", language_code=language, is_final=True)
    return SessionEvent(event_number=number, translation=gateway_pb2.Translation(revision=revision))
