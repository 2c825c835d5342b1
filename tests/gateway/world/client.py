"""The one who speaks: the client's own memory of what to send again, and everything that its application was given."""

from collections import Counter
from dataclasses import dataclass, field

from gateway import messages
from gateway.events import Checkpoint, Event, Started
from livetranslate.client.replay import Replay
from livetranslate.v1 import gateway_pb2, types_pb2
from livetranslate.v1.gateway_pb2 import StreamingTranslateSpeechRequest
from tests.gateway.world.speech import audio

_FORMAT = types_pb2.AudioFormat(encoding=types_pb2.AUDIO_ENCODING_PCM_S16LE, sample_rate_hertz=16_000)
_LIMIT_BYTES = 1 << 30


@dataclass
class Client:
    """A client whose limit is never reached."""

    languages: list[str]
    sample_count: int = 0  # said
    flushes: set[int] = field(default_factory=set)
    checkpoint: int = 0
    finals: Counter[tuple[str, str]] = field(default_factory=Counter)  # by segment and language, as given

    def __post_init__(self) -> None:
        targets = [gateway_pb2.Target(language_code=language, speech=language == "es") for language in self.languages]
        config = gateway_pb2.SessionConfig(source_language_code="en", targets=targets, audio_format=_FORMAT)
        self.replay = Replay(StreamingTranslateSpeechRequest(config=config), _LIMIT_BYTES)

    def say(self, sample_count: int) -> None:
        end = self.sample_count + sample_count
        self.replay.add_audio(audio(self.sample_count, end))
        self.sample_count = end

    def flush(self) -> None:
        self.flushes.add(self.sample_count)
        self.replay.add_flush()

    def change_targets(self, targets: list[gateway_pb2.Target]) -> None:
        self.replay.add_targets(gateway_pb2.TargetsUpdate(targets=targets))

    def open(self, started: Started) -> None:
        """The server has answered the first message of a stream."""
        self.receive(Event(0, started))

    def receive(self, event: Event) -> None:
        message = messages.event_to_proto(event)
        if isinstance(event.body, Checkpoint):
            assert event.body.durable_sample >= self.checkpoint, "a checkpoint has gone back"
            self.checkpoint = event.body.durable_sample
        if self.replay.note_event(message):
            self._give(message)

    def _give(self, message: gateway_pb2.SessionEvent) -> None:
        transcript, translation = message.transcript.revision, message.translation.revision
        if transcript.is_final:
            self.finals[transcript.segment_id, "en"] += 1
        if translation.is_final:
            self.finals[translation.segment_id, translation.language_code] += 1
