"""The core of one session: what comes from the client and the hops in, what goes to them out. It never waits.

    audio → asr → transcripts → mt → translations → tts → speech
                       └────────────┴→ store → checkpoints

Finals get the next event number when they arrive, go to the store, and once they are there the watermark follows. A
position, where recognition could begin anew, is stored behind the finals before it; the watermark never passes the
last one stored.

Whatever a hop is told twice it may answer twice: what is known already, or not waited for, is passed over.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gateway.clauses import Clauses
from gateway.degradation import Degradation
from gateway.events import (
    MAX_TARGETS,
    Body,
    Checkpoint,
    Event,
    Notice,
    NoticeKind,
    Position,
    Speech,
    SpeechActivity,
    SpokenClause,
    Summary,
    Target,
    Targets,
    Transcript,
    Translation,
)
from gateway.heard import Heard
from gateway.open_segment import OpenSegment
from gateway.outbox import Outbox
from gateway.resumption import Resumption
from gateway.telling import TELL_ALL, Telling
from gateway.watermark import Watermark
from livetranslate.arrivals import Arrivals
from livetranslate.samples import SAMPLE_RATE_HERTZ

ToStore = Event | Position | Targets

TRANSCRIPT = "transcript"  # the part of a segment that is not a translation; no language is called so

_MAX_UNDURABLE = 10_000  # finals that the store owes, of two or three hours; then the hops wait
CONTEXT_SEGMENTS = 2  # that a translation depends on: mt looks no further back
_SILENCE_SAMPLES = 5 * SAMPLE_RATE_HERTZ  # in silence a position is stored so often


class GatewaySession:
    """One session."""

    def __init__(
        self,
        session_id: str,
        targets: Sequence[Target],
        resumption: Resumption | None = None,
        telling: Telling = TELL_ALL,
    ) -> None:
        """Open the session with its targets, or go on with it."""
        self.session_id = session_id
        self.targets = {target.language: target for target in targets}
        totals = Summary(session_id) if resumption is None else resumption.totals
        self.position = Position() if resumption is None else resumption.position
        self._recognized = 0 if resumption is None else resumption.recognized_sample  # the end of the last final
        self._last_number = 0 if resumption is None else resumption.last_event_number
        self._summary = replace(totals, sample_count=self.position.sample)
        self._watermark = Watermark(self.position.sample)
        self._arrivals = Arrivals(self.position.sample)
        self.outbox = Outbox()
        """What the client is to be told; `events_to_send` takes it."""
        self.withheld_count = 0
        """Texts that were not told, or not translated, because the server is busy."""
        self._segments: dict[str, OpenSegment] = {}
        self._has_speech = totals.segment_count > 0
        self._undurable: dict[int, None] = {}  # in order
        self._stored_position = self.position.sample  # the last one given to the store
        self._has_new_finals = False
        self._dropped: deque[list[tuple[str, str]]] = deque()  # by each change of the targets that is not stored yet
        self._to_store: list[ToStore] = []
        self._to_translate: list[Transcript | Targets] = []
        self._to_speak: list[SpokenClause] = []
        self._telling = telling
        self._asking = TELL_ALL  # what of it is translated
        self._heard = Heard()
        self._context: Sequence[Transcript] = () if resumption is None else resumption.context
        for transcript, languages in () if resumption is None else resumption.untranslated:
            self._await_translations(transcript, set(languages))

    # Facts in

    def receive_audio(self, sample_count: int, now: float) -> None:
        """So many samples have come in."""
        total = self._summary.sample_count + sample_count
        self._summary = replace(self._summary, sample_count=total)
        self._arrivals.receive(total, now)

    def receive_targets(self, targets: Sequence[Target]) -> None:
        """These are the targets from here on; nothing in others is waited for any more, once that is stored."""
        kept = {target.language: target for target in targets}
        wanted = {TRANSCRIPT, *kept}
        self._dropped.append([waiting for waiting in self._watermark.waiting() if waiting[1] not in wanted])
        for segment in self._segments.values():
            segment.keep(targets)
        self._forget_done()
        self.targets = kept
        update = Targets(tuple(targets))
        self._to_translate.append(update)
        self._to_store.append(update)

    def receive_transcript(self, transcript: Transcript, now: float) -> None:
        """A segment's newest text has come from asr; one that asr has told before is passed over."""
        known = self._segments.get(transcript.segment_id)
        if transcript.start_sample < self._recognized or not _is_news(transcript, known):
            return
        before = None if known is None else known.transcript
        shown = self._telling.shown(transcript, before)
        if shown is None:
            self.withheld_count += self._telling.finals_only
            return
        transcript = replace(shown, lag_seconds=self._arrivals.lag(shown.end_sample, now))
        if transcript.is_final:
            self._recognized = transcript.end_sample
            self._settle_transcript(replace(transcript, target_languages=tuple(self.targets)))
        else:
            self._renew(transcript)
            self._tell(transcript)
        asked = self._asking.shown(transcript, before)
        if asked is None:
            self.withheld_count += bool(self.targets)
        elif self.targets:
            self._to_translate.append(asked)

    def receive_degradation(self, degradation: Degradation) -> None:
        """The server has got busier, or less busy: what is left out from here on."""
        self._telling = replace(self._telling, finals_only=degradation >= Degradation.NO_PARTIALS)
        self._asking = Telling(committed_only=True) if degradation >= Degradation.NO_DRAFTS else TELL_ALL
        kind = NoticeKind.DEGRADATION_CHANGED
        self.receive_notice(Notice(kind, degradation.sentence, degradation=degradation))

    def receive_activity(self, activity: SpeechActivity) -> None:
        """Speech has started or ended."""
        if self._heard.is_new_activity(activity):
            self._tell(activity)

    def receive_position(self, position: Position) -> None:
        """Everything before a position is final or was not speech; stored after finals, and now and then in silence."""
        if position.sample <= self.position.sample:
            return  # asr has begun anew
        self.position = position
        self._forget_unheard()
        if self._has_new_finals or position.sample - self._stored_position >= _SILENCE_SAMPLES:
            self._store_position()

    def receive_translation(self, translation: Translation, now: float) -> None:
        """A segment's newest translation has come from mt; one that nobody waits for is passed over."""
        language = translation.language
        segment = self._segments.get(translation.segment_id)
        if segment is None or not segment.wants(translation):
            return
        shown = self._telling.shown(self._placed(translation, segment, now), segment.told.get(language))
        if shown is None or (not shown.is_final and language not in self.targets):
            self.withheld_count += self._telling.finals_only
            return
        if shown.is_final:
            self._record(shown)
            self._summary = replace(self._summary, translation_count=self._summary.translation_count + 1)
            segment.untranslated.discard(language)
        else:
            segment.told[language] = shown
            self._tell(shown)
        clauses = segment.clauses.setdefault(language, Clauses())
        self._to_speak += clauses.receive(shown, is_spoken=self._is_spoken(language))
        self._forget_done()

    def receive_speech(self, speech: Speech, now: float) -> None:
        """A stretch of spoken translation has come from tts; one that nobody waits for is passed over."""
        segment = self._segments.get(speech.segment_id)
        clauses = None if segment is None else segment.clauses.get(speech.language)
        clause = None if clauses is None else clauses.awaited(speech.clause)
        if clauses is None or clause is None:
            return
        lag = self._arrivals.lag(clause.end_sample, now)
        self._tell(replace(speech, start_sample=clause.start_sample, end_sample=clause.end_sample, lag_seconds=lag))
        if speech.is_last:
            clauses.settle(speech.clause)
            self._forget_done()

    def receive_notice(self, notice: Notice) -> None:
        """Something failed for one segment or target: what will not come is not waited for."""
        if notice.kind is NoticeKind.LANGUAGE_CHANGED and not self._heard.is_new_change(notice):
            return
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
                if self._is_spoken(notice.language) and notice.language in segment.clauses:
                    self._to_speak += segment.clauses[notice.language].close()
            case NoticeKind.SYNTHESIS_FAILED if segment is not None and notice.language in segment.clauses:
                segment.clauses[notice.language].give_up()
            case NoticeKind.TARGET_REFUSED if notice.language in self.targets:  # by mt, whose models have changed
                self.receive_targets([target for target in self.targets.values() if target.language != notice.language])
            case NoticeKind.TARGET_REFUSED:  # in a language that is owed, and no target any more
                self.receive_hop_failure(NoticeKind.TRANSLATION_FAILED, [notice.language], notice.message)
        self._forget_done()

    def receive_hop_failure(self, kind: NoticeKind, languages: Sequence[str], message: str) -> None:
        """A hop, mt or tts, is away for too long: what it owes in these languages is not waited for any more."""
        owed = [
            (segment, language)
            for segment in self._segments.values()
            for language in languages
            if language in (segment.untranslated if kind is NoticeKind.TRANSLATION_FAILED else segment.unspoken)
        ]
        for segment, language in owed:
            if kind is NoticeKind.SYNTHESIS_FAILED:
                segment.clauses[language].unspoken.clear()
            self.receive_notice(Notice(kind, message, segment.transcript.segment_id, language))

    def receive_durable(self, stored: ToStore) -> None:
        """Something that was to be stored is committed."""
        match stored:
            case Position():
                self._watermark.recognized(stored.sample)
            case Event(number, Transcript(segment_id=segment_id)):
                self._undurable.pop(number, None)
                self._watermark.settle(segment_id, TRANSCRIPT)
            case Event(number, Translation(segment_id=segment_id, language=language)):
                self._undurable.pop(number, None)
                self._watermark.settle(segment_id, language)
            case Targets():
                for segment_id, language in self._dropped.popleft():
                    self._watermark.settle(segment_id, language)
            case _:
                return
        self._checkpoint()

    def receive_audio_end(self) -> None:
        """Every hop has ended: all of the audio is dealt with."""
        self.position = Position(self._summary.sample_count)
        self._store_position()

    def receive_end(self) -> None:
        """Everything is stored, too: sum up."""
        if not self._has_speech:
            message = "No speech was found in the audio. Check the microphone, its level and the audio format."
            self.receive_notice(Notice(NoticeKind.NO_SPEECH, message))
        self._tell(self._summary)

    # What is to be done

    def events_to_send(self) -> Iterator[Event]:
        """Events for the client; each leaves when it is asked for."""
        return self.outbox.take()

    def items_to_store(self) -> list[ToStore]:
        """Finals, positions and changes of the targets, in the order in which they have to be stored."""
        items, self._to_store = self._to_store, []
        return items

    def requests_to_translate(self) -> list[Transcript | Targets]:
        """Segments and changes of the targets for mt, in the order in which mt has to see them."""
        requests, self._to_translate = self._to_translate, []
        return requests

    def clauses_to_speak(self) -> list[tuple[Target, SpokenClause]]:
        """Committed translation for tts, as it grows, and how it is to be spoken."""
        clauses, self._to_speak = self._to_speak, []
        return [(self.targets[clause.language], clause) for clause in clauses if self._is_spoken(clause.language)]

    def targets_to_translate(self) -> list[Target]:
        """The targets, and what is still owed in languages that are, as far as is known yet, no targets."""
        owed = (language for segment in self._segments.values() for language in sorted(segment.untranslated))
        wanted = self.targets | {language: Target(language) for language in owed if language not in self.targets}
        return list(wanted.values())[:MAX_TARGETS]

    def transcripts_owed(self) -> list[Transcript]:
        """Final segments that mt still has to translate: another replica is asked for them again."""
        return [segment.transcript for segment in self._segments.values() if segment.untranslated]

    def context_of_owed(self) -> Sequence[Transcript]:
        """The final segments before those: another replica has to know them, or it might translate otherwise."""
        owed = (segment.before for segment in self._segments.values() if segment.untranslated)
        return next(owed, self._context)

    def clauses_owed(self, language: str) -> list[SpokenClause]:
        """Clauses that tts has not spoken to their end: another replica is asked for them again."""
        spoken = (segment.clauses.get(language, Clauses()) for segment in self._segments.values())
        return [clause for clauses in spoken for clause in clauses.unspoken]

    def is_untranslated(self, segment_id: str) -> bool:
        """Whether mt still owes translations of a segment."""
        return segment_id in self._segments and bool(self._segments[segment_id].untranslated)

    @property
    def has_room(self) -> bool:
        """Whether the hops may go on: a client that does not read, or a store long away, holds them up."""
        return self.outbox.has_room and len(self._undurable) < _MAX_UNDURABLE

    @property
    def sample_count(self) -> int:
        """Samples received."""
        return self._summary.sample_count

    def lag(self, end_sample: int, now: float) -> float:
        """Seconds since the audio before a sample came in."""
        return self._arrivals.lag(end_sample, now)

    # Inside

    def _is_spoken(self, language: str) -> bool:
        return language in self.targets and self.targets[language].speech

    def _renew(self, transcript: Transcript) -> OpenSegment:
        segment = self._segments.setdefault(transcript.segment_id, OpenSegment(transcript))
        segment.transcript = transcript
        return segment

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
        segment = self._renew(transcript)
        segment.untranslated = set(self.targets)
        segment.before = self._precede(transcript)
        self._forget_done()
        self._record(transcript)

    def _await_translations(self, transcript: Transcript, languages: set[str]) -> None:
        """A segment was stored before the break, and some of its translations were not."""
        before = self._precede(transcript)
        if languages:
            self._segments[transcript.segment_id] = OpenSegment(transcript, before, languages)
            self._watermark.wait_for(transcript.segment_id, transcript.start_sample, set(languages))

    def _precede(self, transcript: Transcript) -> Sequence[Transcript]:
        """The segments before a final one, which from now on is one of those before the next."""
        before = self._context
        self._context = [*before, transcript][-CONTEXT_SEGMENTS:]
        return before

    def _placed(self, body: Translation, segment: OpenSegment, now: float) -> Translation:
        start, end = segment.transcript.start_sample, segment.transcript.end_sample
        return replace(body, start_sample=start, end_sample=end, lag_seconds=self._arrivals.lag(end, now))

    def _forget_done(self) -> None:
        for segment_id in [segment_id for segment_id, segment in self._segments.items() if segment.is_done]:
            del self._segments[segment_id]

    def _forget_unheard(self) -> None:
        """Segments before the position that are not final came to nothing when asr, having begun anew, heard them."""
        for segment_id, segment in list(self._segments.items()):
            if not segment.transcript.is_final and segment.transcript.start_sample < self.position.sample:
                del self._segments[segment_id]

    def _store_position(self) -> None:
        self._stored_position = self.position.sample
        self._has_new_finals = False
        self._to_store.append(self.position)

    def _record(self, body: Transcript | Translation) -> None:
        self._last_number += 1
        self._undurable[self._last_number] = None
        self._has_new_finals = self._has_new_finals or isinstance(body, Transcript)
        event = Event(self._last_number, body)
        self._to_store.append(event)
        self.outbox.put(event)

    def _tell(self, body: Body) -> None:
        self.outbox.put(Event(0, body))

    def _checkpoint(self) -> None:
        if self._watermark.advance():
            durable_number = next(iter(self._undurable), self._last_number + 1) - 1
            self._tell(Checkpoint(self._watermark.sample, durable_number))


def _is_news(transcript: Transcript, known: OpenSegment | None) -> bool:
    """Asr that begins anew revises less often, so its final may count less than what was told before the break."""
    return transcript.is_final or known is None or transcript.revision > known.transcript.revision
