"""The core of one session: what comes from the client and the hops in, what goes to them out. It never waits.

    audio → asr → transcripts → mt → translations → tts → speech
                       └────────────┴→ store → checkpoints

Finals get the next event number when they arrive, go to the store, and once they are there the watermark follows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

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
from gateway.open_segment import OpenSegment
from gateway.outbox import Outbox
from gateway.watermark import Watermark
from livetranslate.arrivals import Arrivals

Placed = TypeVar("Placed", Translation, Speech)

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
        self._segments: dict[str, OpenSegment] = {}
        self._has_speech = False
        self._last_number = 0
        self._undurable: dict[int, Event] = {}
        self._to_store: list[Event] = []
        self._to_translate: list[Transcript | Targets] = []
        self._to_speak: list[tuple[Target, Translation]] = []
        self._tell(Started(session_id))

    # Facts in

    def receive_audio(self, sample_count: int, now: float) -> None:
        """So many samples have come in."""
        total = self._summary.sample_count + sample_count
        self._summary = replace(self._summary, sample_count=total)
        self._arrivals.receive(total, now)

    def receive_targets(self, targets: Sequence[Target]) -> None:
        """These are the targets from here on; nothing in others is waited for any more."""
        kept = {target.language: target for target in targets}
        for language in self.targets.keys() - kept.keys():
            self._watermark.settle_everywhere(language)
            for segment in self._segments.values():
                segment.give_up(language)
        self._forget_done()
        self.targets = kept
        self._to_translate.append(Targets(tuple(kept)))
        self._checkpoint()

    def receive_transcript(self, transcript: Transcript, now: float) -> None:
        """A segment's newest text has come from asr."""
        transcript = replace(transcript, lag_seconds=self._arrivals.lag(transcript.end_sample, now))
        if transcript.is_final:
            self._settle_transcript(transcript)
        else:
            self._segments[transcript.segment_id] = OpenSegment(transcript.start_sample, transcript.end_sample)
            self._tell(transcript)
        if self.targets:
            self._to_translate.append(transcript)

    def receive_progress(self, processed_sample: int) -> None:
        """Everything before a sample is final or was not speech."""
        self._watermark.recognized(processed_sample)
        self._checkpoint()

    def receive_translation(self, translation: Translation, now: float) -> None:
        """A segment's newest translation has come from mt; one that nobody waits for is passed over."""
        language = translation.language
        segment = self._segments.get(translation.segment_id)
        if segment is None or language not in self.targets or not segment.wants(translation):
            return
        translation = self._placed(translation, segment, now)
        if not translation.is_final:
            self._tell(translation)
            return
        self._record(translation)
        self._summary = replace(self._summary, translation_count=self._summary.translation_count + 1)
        segment.untranslated.discard(language)
        if self.targets[language].speech and translation.committed_text:
            segment.unspoken.add(language)
            self._to_speak.append((self.targets[language], translation))
        self._forget_done()

    def receive_speech(self, speech: Speech, now: float) -> None:
        """A stretch of spoken translation has come from tts; one that nobody waits for is passed over."""
        segment = self._segments.get(speech.segment_id)
        if segment is None or speech.language not in segment.unspoken:
            return
        self._tell(self._placed(speech, segment, now))
        if speech.is_last:
            segment.unspoken.discard(speech.language)
            self._forget_done()

    def receive_notice(self, notice: Notice) -> None:
        """Something failed for one segment or target: what will not come is not waited for."""
        self._summary = replace(self._summary, notice_count=self._summary.notice_count + 1)
        self._tell(notice)
        segment = self._segments.get(notice.segment_id)
        match notice.kind:
            case NoticeKind.RECOGNITION_FAILED:
                self._has_speech = True
            case NoticeKind.TRANSLATION_FAILED if segment is not None and notice.language in segment.untranslated:
                segment.untranslated.discard(notice.language)
                self._watermark.settle(notice.segment_id, notice.language)
                self._checkpoint()
            case NoticeKind.SYNTHESIS_FAILED if segment is not None:
                segment.unspoken.discard(notice.language)
            case NoticeKind.TARGET_REFUSED if notice.language in self.targets:  # by mt, whose models have changed
                self.receive_targets([target for target in self.targets.values() if target.language != notice.language])
        self._forget_done()

    def receive_hop_failure(self, kind: NoticeKind, languages: Sequence[str], message: str) -> None:
        """A hop, mt or tts, broke down: everything that it owed in these languages will not come."""
        owed = [
            (segment_id, language)
            for segment_id, segment in self._segments.items()
            for language in languages
            if language in (segment.untranslated if kind is NoticeKind.TRANSLATION_FAILED else segment.unspoken)
        ]
        for segment_id, language in owed:
            self.receive_notice(Notice(kind, message, segment_id, language))

    def receive_durable(self, event: Event) -> None:
        """A stored event is committed."""
        self._undurable.pop(event.number, None)
        match event.body:
            case Transcript(segment_id=segment_id):
                self._watermark.settle(segment_id, TRANSCRIPT)
            case Translation(segment_id=segment_id, language=language):
                self._watermark.settle(segment_id, language)
            case _:
                raise TypeError(f"events of type {type(event.body).__name__} are not stored")
        self._checkpoint()

    def receive_end(self) -> None:
        """Every hop has ended and everything is stored: sum up."""
        if not self._has_speech:
            message = "No speech was found in the audio. Check the microphone, its level and the audio format."
            self.receive_notice(Notice(NoticeKind.NO_SPEECH, message))
        self._watermark.recognized(self._summary.sample_count)
        self._checkpoint()
        self._tell(self._summary)

    # What is to be done

    def events_to_send(self) -> Iterator[Event]:
        """Events for the client; each leaves when it is asked for."""
        return self._outbox.take()

    def events_to_store(self) -> list[Event]:
        """Finals for the store."""
        events, self._to_store = self._to_store, []
        return events

    def requests_to_translate(self) -> list[Transcript | Targets]:
        """Segments and changes of the targets for mt, in the order in which mt has to see them."""
        requests, self._to_translate = self._to_translate, []
        return requests

    def translations_to_speak(self) -> list[tuple[Target, Translation]]:
        """Final translations for tts, and how each is to be spoken."""
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
            self._segments.pop(transcript.segment_id, None)
            self._tell(transcript)
            return
        self._has_speech = True
        self._summary = replace(
            self._summary,
            segment_count=self._summary.segment_count + 1,
            speech_samples=self._summary.speech_samples + transcript.end_sample - transcript.start_sample,
            word_count=self._summary.word_count + len(transcript.committed_text.split()),
        )
        self._watermark.wait_for(transcript.segment_id, transcript.start_sample, {TRANSCRIPT, *self.targets})
        segment = OpenSegment(transcript.start_sample, transcript.end_sample, is_final=True)
        segment.untranslated = set(self.targets)
        self._segments[transcript.segment_id] = segment
        self._forget_done()
        self._record(transcript)

    def _placed(self, body: Placed, segment: OpenSegment, now: float) -> Placed:
        lag = self._arrivals.lag(segment.end_sample, now)
        return replace(body, start_sample=segment.start_sample, end_sample=segment.end_sample, lag_seconds=lag)

    def _forget_done(self) -> None:
        for segment_id in [segment_id for segment_id, segment in self._segments.items() if segment.is_done]:
            del self._segments[segment_id]

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
