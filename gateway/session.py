"""The core of one session: what comes from the client and the hops in, what goes to them out. It never waits.

    audio → asr → transcripts → mt → translations → tts → speech
                       └────────────┴→ store → checkpoints

Finals get the next event number when they arrive, go to the store, and once they are there the watermark follows.
"""

from collections.abc import Sequence
from dataclasses import replace

from gateway.events import (
    Body,
    Checkpoint,
    Event,
    Notice,
    NoticeKind,
    Speech,
    Started,
    Summary,
    Target,
    Targets,
    Transcript,
    Translation,
)
from gateway.outbox import Outbox
from gateway.watermark import Watermark
from livetranslate.arrivals import Arrivals

TRANSCRIPT = "transcript"  # the part of a segment that is not a translation; no language is called so


class GatewaySession:
    """One session."""

    def __init__(self, session_id: str, targets: Sequence[Target]) -> None:
        """Open the session with its first targets."""
        self.session_id = session_id
        self.targets = {target.language: target for target in targets}
        self._outbox = Outbox()
        self._watermark = Watermark()
        self._arrivals = Arrivals()
        self._summary = Summary(session_id)
        self._ranges: dict[str, tuple[int, int]] = {}  # of segments whose translations or speech are under way
        self._awaited: dict[str, set[str]] = {}  # languages in which a segment is still to be translated or spoken
        self._last_number = 0
        self._undurable: dict[int, Event] = {}
        self._to_store: list[Event] = []
        self._to_translate: list[Transcript | Targets] = []
        self._to_speak: list[Translation] = []
        self._tell(Started(session_id))

    # Facts in

    def receive_audio(self, sample_count: int, now: float) -> None:
        """So many samples have come in."""
        total = self._summary.sample_count + sample_count
        self._summary = replace(self._summary, sample_count=total)
        self._arrivals.receive(total, now)

    def receive_targets(self, targets: Sequence[Target]) -> None:
        """These are the targets from here on; translations into others are not waited for any more."""
        kept = {target.language: target for target in targets}
        for language in self.targets.keys() - kept.keys():
            self._watermark.settle_everywhere(language)
            for segment_id in list(self._awaited):
                self._stop_awaiting(segment_id, language)
        self.targets = kept
        self._to_translate.append(Targets(tuple(kept)))
        self._checkpoint()

    def receive_transcript(self, transcript: Transcript, now: float) -> None:
        """A segment's newest text has come from asr."""
        transcript = replace(transcript, lag_seconds=self._arrivals.lag(transcript.end_sample, now))
        segment_id = transcript.segment_id
        self._ranges[segment_id] = (transcript.start_sample, transcript.end_sample)
        if transcript.is_final:
            self._settle_transcript(transcript)
        else:
            self._tell(transcript)
        if self.targets:
            self._to_translate.append(transcript)

    def receive_progress(self, processed_sample: int) -> None:
        """Everything before a sample is final or was not speech."""
        self._watermark.recognized(processed_sample)
        self._checkpoint()

    def receive_translation(self, translation: Translation, now: float) -> None:
        """A segment's newest translation has come from mt; one that nobody wants any more is passed over."""
        segment_id, language = translation.segment_id, translation.language
        if language not in self.targets or segment_id not in self._ranges:
            return
        start, end = self._ranges[segment_id]
        lag = self._arrivals.lag(end, now)
        translation = replace(translation, start_sample=start, end_sample=end, lag_seconds=lag)
        if not translation.is_final:
            self._tell(translation)
            return
        self._record(translation)
        self._summary = replace(self._summary, translation_count=self._summary.translation_count + 1)
        if self.targets[language].speech and translation.committed_text:
            self._to_speak.append(translation)
        else:
            self._stop_awaiting(segment_id, language)

    def receive_speech(self, speech: Speech, now: float) -> None:
        """A stretch of spoken translation has come from tts."""
        if speech.language not in self.targets or speech.segment_id not in self._ranges:
            return
        start, end = self._ranges[speech.segment_id]
        lag = self._arrivals.lag(end, now)
        self._tell(replace(speech, start_sample=start, end_sample=end, lag_seconds=lag))
        if speech.is_last:
            self._stop_awaiting(speech.segment_id, speech.language)

    def receive_notice(self, notice: Notice) -> None:
        """Something failed for one segment or target: what will not come is not waited for."""
        self._summary = replace(self._summary, notice_count=self._summary.notice_count + 1)
        self._tell(notice)
        if notice.kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED) and notice.segment_id:
            self._stop_awaiting(notice.segment_id, notice.language)
        if notice.kind is NoticeKind.TRANSLATION_FAILED:
            self._watermark.settle(notice.segment_id, notice.language)
            self._checkpoint()

    def receive_hop_failure(self, kind: NoticeKind, languages: Sequence[str], message: str) -> None:
        """A hop broke down: everything it owed in these languages will not come."""
        for segment_id, awaited in list(self._awaited.items()):
            for language in sorted(awaited.intersection(languages)):
                self.receive_notice(Notice(kind, message, segment_id, language))

    def receive_durable(self, event: Event) -> None:
        """A stored event is committed."""
        self._undurable.pop(event.number, None)
        match event.body:
            case Transcript(segment_id=segment_id):
                self._watermark.settle(segment_id, TRANSCRIPT)
            case Translation(segment_id=segment_id, language=language):
                self._watermark.settle(segment_id, language)
        self._checkpoint()

    def receive_end(self) -> None:
        """Every hop has ended and everything is stored: sum up."""
        if not self._summary.segment_count:
            message = "No speech was found in the audio. Check the microphone, its level and the audio format."
            self.receive_notice(Notice(NoticeKind.NO_SPEECH, message))
        self._watermark.recognized(self._summary.sample_count)
        self._checkpoint()
        self._tell(self._summary)

    # What is to be done

    def events_to_send(self) -> list[Event]:
        """Events for the client."""
        return self._outbox.take()

    def events_to_store(self) -> list[Event]:
        """Finals for the store."""
        events, self._to_store = self._to_store, []
        return events

    def requests_to_translate(self) -> list[Transcript | Targets]:
        """Segments and changes of the targets for mt, in the order in which mt has to see them."""
        requests, self._to_translate = self._to_translate, []
        return requests

    def translations_to_speak(self) -> list[Translation]:
        """Final translations for tts."""
        translations, self._to_speak = self._to_speak, []
        return translations

    @property
    def has_room(self) -> bool:
        """Whether the hops may go on; a client that does not read holds them up."""
        return self._outbox.has_room

    @property
    def undurable_events(self) -> list[Event]:
        """Finals that a reader of the store does not find there yet."""
        return list(self._undurable.values())

    @property
    def sample_count(self) -> int:
        """Samples received."""
        return self._summary.sample_count

    # Inside

    def _settle_transcript(self, transcript: Transcript) -> None:
        """A segment has become final: it is stored and translated, unless it came to nothing."""
        if not transcript.committed_text:
            del self._ranges[transcript.segment_id]
            self._tell(transcript)
            return
        self._summary = replace(
            self._summary,
            segment_count=self._summary.segment_count + 1,
            speech_samples=self._summary.speech_samples + transcript.end_sample - transcript.start_sample,
            word_count=self._summary.word_count + len(transcript.committed_text.split()),
        )
        parts = {TRANSCRIPT, *self.targets}
        self._watermark.wait_for(transcript.segment_id, transcript.start_sample, parts)
        if self.targets:
            self._awaited[transcript.segment_id] = set(self.targets)
        else:
            del self._ranges[transcript.segment_id]
        self._record(transcript)

    def _stop_awaiting(self, segment_id: str, language: str) -> None:
        awaited = self._awaited.get(segment_id, set())
        awaited.discard(language)
        if not awaited and segment_id in self._awaited:
            del self._awaited[segment_id]
            del self._ranges[segment_id]

    def _record(self, body: Transcript | Translation) -> None:
        self._last_number += 1
        event = Event(self._last_number, body)
        self._undurable[event.number] = event
        self._to_store.append(event)
        self._outbox.put(event)

    def _tell(self, body: Body) -> None:
        self._outbox.put(Event(0, body))

    def _checkpoint(self) -> None:
        if self._watermark.advance():
            durable_number = min(self._undurable, default=self._last_number + 1) - 1
            self._tell(Checkpoint(self._watermark.sample, durable_number))
