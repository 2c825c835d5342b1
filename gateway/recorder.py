"""The way of one session's finals, positions, audio and speech into the store, and when they are there."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from gateway.events import Event, Notice, NoticeKind, Position, Speech, Targets
from gateway.session import GatewaySession, ToStore
from gateway.session_metrics import SessionMetrics
from gateway.store.records import (
    AudioRecord,
    FinalRecord,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetsRecord,
    TranslationRecord,
)
from gateway.store.writer import SPILL_LOST, StoreWriter
from gateway.stored import event_of, record_of, target_records, targets_of
from gateway.trace import SegmentSpans
from livetranslate import names
from livetranslate.errors import FailedPreconditionError, InternalError, UnavailableError
from livetranslate.samples import BYTES_PER_SAMPLE

log = structlog.get_logger()


class Recorder:
    """Hands what is to be stored to the writer that all sessions share, and tells the core what is durable.

    Audio is stored together with the position behind it: a session that goes on there has all of the audio before it
    in the store, and none of that after it.
    """

    def __init__(
        self,
        session: GatewaySession,
        generation: int,
        writer: StoreWriter,
        spans: SegmentSpans,
        metrics: SessionMetrics,
        *,
        stores_audio: bool,
        stores_speech: bool,
        on_news: Callable[[], None],
        on_durable: Callable[[Event], None],
        is_superseded: asyncio.Event,
    ) -> None:
        """Write by a generation of the session.

        Args:
            session: The core.
            generation: The one in which the session runs here.
            writer: The process's.
            spans: The session's.
            metrics: The session's.
            stores_audio: Whether its audio is kept.
            stores_speech: Whether its spoken translations are kept.
            on_news: Called whenever the core has been told something.
            on_durable: Called with each final that is stored.
            is_superseded: Set when the session was taken over: nothing of it is stored by this generation any more.
        """
        self._session = session
        self._generation = generation
        self._writer = writer
        self._spans = spans
        self._metrics = metrics
        self._stores_audio = stores_audio
        self._stores_speech = stores_speech
        self._on_news = on_news
        self._on_durable = on_durable
        self._audio_start = session.position.sample
        self._audio = bytearray()
        self._speech: dict[str, tuple[str, bytearray]] = {}  # by language: the segment that is spoken, its audio so far
        self._outstanding = 0
        self._is_settled = asyncio.Event()
        self._has_refused = False
        self._deadline: float | None = None
        self.is_superseded = is_superseded
        self.has_lost = asyncio.Event()
        """Set when finals that waited on disk cannot be read: they have to be made again from the client's audio."""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear from the writer while the block runs."""
        listening = self._writer.listening(
            self._session.session_id, self._generation, self._receive_durable, self._receive_refused
        )
        with listening:
            yield

    def receive_audio(self, audio: bytes) -> None:
        """The next audio that is not needed for recognition any more; it is stored with the next position."""
        if self._stores_audio:
            self._audio += audio

    async def receive_speech(self, speech: Speech) -> None:
        """The next stretch of a clause; those of a segment are stored together, once the last one is there."""
        if not self._stores_speech:
            return
        segment_id, audio = self._speech.get(speech.language, ("", bytearray()))
        if segment_id != speech.segment_id:
            audio = bytearray()  # the one before broke off
            self._speech[speech.language] = speech.segment_id, audio
        audio += speech.message.audio
        if speech.is_last and speech.is_segment_end:
            del self._speech[speech.language]
            if not audio:
                return  # all of it was left out, to keep up
            session_id, rate = self._session.session_id, speech.message.sample_rate_hertz
            await self._put(SpeechRecord(session_id, speech.segment_id, speech.language, rate, bytes(audio)))

    async def store(self) -> None:
        """Hand over what there is; waits only while the writer has no room."""
        for item in self._session.items_to_store():
            await self._put(*self._records_of(item))

    async def wait_until_stored(self, patience_seconds: float) -> None:
        """Wait until everything so far is stored, at the end of the session. The patience is for all calls.

        Raises:
            UnavailableError: The database does not take it in time.
            InternalError: The database has refused some of it, and will not take it later.
        """
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + patience_seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                while self._outstanding:
                    self._is_settled.clear()
                    await self._is_settled.wait()
        except TimeoutError:
            message = "The database does not answer; the last results may not be stored. Try again later."
            raise UnavailableError("STORE_UNAVAILABLE", message) from None
        if self._has_refused:
            raise InternalError("STORE_REFUSED", "Some results could not be stored. The server's log says more.")

    async def _put(self, *records: Record) -> None:
        self._outstanding += len(records)
        await self._writer.put(self._generation, records)

    def _records_of(self, item: ToStore) -> list[Record]:
        session_id = self._session.session_id
        match item:
            case Position():
                return [*self._audio_before(item.sample), PositionRecord(session_id, item.sample, item.state)]
            case Targets():
                return [TargetsRecord(session_id, target_records(item.targets))]
            case Event():
                return [self._traced(item, record_of(session_id, item))]

    def _traced(self, event: Event, record: FinalRecord) -> FinalRecord:
        key = ("store", event.number)
        self._spans.start(names.STORE_SPAN, key, record.traceparent, record.segment_id, record.language_code)
        self._metrics.receive_final(event.number)
        return record

    def _audio_before(self, sample: int) -> Iterator[AudioRecord]:
        size = (sample - self._audio_start) * BYTES_PER_SAMPLE
        if audio := bytes(memoryview(self._audio)[:size]):
            del self._audio[:size]
            yield AudioRecord(self._session.session_id, self._audio_start, audio)
        self._audio_start = sample

    def _receive_durable(self, record: Record) -> None:
        match record:
            case SegmentRecord() | TranslationRecord():
                event = event_of(record)
                self._spans.end(("store", event.number))
                self._metrics.receive_durable(event.number, record.traceparent)
                self._session.receive_durable(event)
                self._on_durable(event)
            case PositionRecord():
                self._session.receive_durable(Position(record.sample, record.state))
            case TargetsRecord():
                self._session.receive_durable(Targets(targets_of(record.targets)))
        self._settle()

    def _receive_refused(self, record: Record, error: Exception) -> None:
        if isinstance(record, SegmentRecord | TranslationRecord):
            self._metrics.receive_refused(record.event_number)
        if isinstance(error, FailedPreconditionError):
            self.is_superseded.set()
        elif isinstance(error, InternalError) and error.reason == SPILL_LOST:
            self.has_lost.set()
        else:
            kind, what = type(error).__name__, type(record).__name__
            log.error("the database refused a record", session_id=self._session.session_id, kind=kind, record=what)
            message = "A result could not be stored, and will not be. The server's log says more."
            self._session.receive_notice(Notice(NoticeKind.STORE_UNAVAILABLE, message))
            self._has_refused = True
        self._settle()

    def _settle(self) -> None:
        self._outstanding -= 1
        self._is_settled.set()
        self._on_news()
