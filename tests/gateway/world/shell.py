"""What the gateway does around a session's core and backlog, without waiting: it dies with all that it knows."""

from gateway.backlog import Backlog
from gateway.events import Position, Speech, SpokenClause, Target, Targets, Transcript
from gateway.session import GatewaySession
from gateway.targets import targets_from_proto
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.v1 import gateway_pb2
from tests.gateway.world.services import Recognizer, Translator, Voice
from tests.gateway.world.store import Store

NOW = 0.0


class Shell:
    """One generation of a session; `audio_sample` is where the client's audio begins."""

    def __init__(self, core: GatewaySession, store: Store, audio_sample: int) -> None:
        self.core = core
        self.backlog = Backlog(core.position.sample)
        self.has_ended = False
        self.asr: Recognizer | None = None
        self.mt: Translator | None = None
        self.voices: dict[Target, Voice] = {}
        self.spoken: dict[tuple[str, str, int], int] = {}  # chunks by segment, language and clause
        self.said: dict[tuple[str, str], str] = {}  # by segment and language: what was heard to its end
        self._store = store
        self.generation = store.generation
        self._unneeded_bytes = (core.position.sample - audio_sample) * BYTES_PER_SAMPLE
        assert self._unneeded_bytes >= 0, "audio is needed that the client has forgotten"

    # The client

    def receive(self, request: gateway_pb2.StreamingTranslateSpeechRequest) -> None:
        match request.WhichOneof("streaming_request"):
            case "audio":
                unneeded = min(self._unneeded_bytes, len(request.audio))
                self._unneeded_bytes -= unneeded
                audio = request.audio[unneeded:]
                self.core.receive_audio(len(audio) // BYTES_PER_SAMPLE, NOW)
                self.backlog.append(audio)
            case "flush":
                self.backlog.mark_flush()
            case "targets":
                self.core.receive_targets(targets_from_proto(request.targets.targets))
        self._work()

    def end(self) -> None:
        """The client has half-closed."""
        self.has_ended = True
        self._work()

    # asr

    def open_asr(self) -> None:
        self.backlog.rewind()
        self.asr = Recognizer(self.core.position)
        self._work()

    def take_from_asr(self, count: int, *, drafts: bool) -> None:
        if self.asr is None:
            return
        for answer in self.asr.take(count):
            if isinstance(answer, Position):
                self.backlog.forget_before(answer.sample)
                self.core.receive_position(answer)
            else:
                self._receive_transcript(answer)
        for transcript in self.asr.draft() if drafts else ():
            self._receive_transcript(transcript)
        self._work()

    def _receive_transcript(self, transcript: Transcript) -> None:
        self.core.receive_transcript(transcript, NOW)
        self._work()

    # mt and tts

    def open_mt(self) -> None:
        self.core.requests_to_translate()
        self.mt = Translator(Targets(tuple(self.core.targets_to_translate())))
        for transcript in self.core.transcripts_owed():
            self.mt.hear(transcript)
        self._work()

    def take_from_mt(self, place: int) -> None:
        if self.mt and self.mt.owed:
            self.core.receive_translation(self.mt.answer(place % len(self.mt.owed)), NOW)
            self._work()

    def open_voices(self) -> None:
        for target in self.core.targets.values():
            if target.speech and target not in self.voices:
                voice = self.voices[target] = Voice(target)
                for clause in self.core.clauses_owed(target.language):
                    voice.hear(clause)

    def take_from_voices(self) -> None:
        for voice in self.voices.values():
            if voice.owed:
                self._receive_speech(*voice.answer())

    def _receive_speech(self, clause: SpokenClause, speech: Speech) -> None:
        """Pass on what was not heard before tts died."""
        place = speech.segment_id, speech.language
        key, number = (*place, speech.clause), int.from_bytes(speech.message.audio, "little")
        if self.spoken.get(key, 0) == number:
            self.spoken[key] = number + 1
            self.core.receive_speech(speech, NOW)
            if speech.is_last:
                self.said[place] = f"{self.said.get(place, '')} {clause.text}".strip()

    # All

    def end_audio(self) -> bool:
        """Note that everything has been answered, if that is so."""
        if not (self.has_ended and self.asr and self.asr.has_finished and self.mt and not self.mt.owed):
            return False
        if any(voice.owed for voice in self.voices.values()):
            return False
        self.core.receive_audio_end()
        self._work()
        return True

    def _work(self) -> None:
        """Hand on what the core gives out; what is for a service that is away is asked for when it is back."""
        if self.asr is not None:
            while (piece := self.backlog.next_piece(is_ending=self.has_ended)) is not None:
                self.asr.hear(piece)
            if self.has_ended:
                self.asr.finish()
        for request in self.core.requests_to_translate():
            if self.mt is not None:
                self.mt.hear(request)
        for target in self.voices.keys() - set(self.core.targets.values()):
            del self.voices[target]
        for target, clause in self.core.clauses_to_speak():
            if target in self.voices:
                self.voices[target].hear(clause)
        for item in self.core.items_to_store():
            self._store.put(self.generation, item)
