"""The way of one session's finals, positions, audio and speech into the store, and how long its end waits for them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from gateway.events import Body, Checkpoint, Event, Notice, NoticeKind, Speech, Target
from gateway.recorder import Recorder
from gateway.session import GatewaySession
from gateway.session_metrics import ResultInstruments, SessionMetrics
from gateway.store.records import (
    AudioRecord,
    Entry,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetRecord,
    TargetsRecord,
    TranslationRecord,
)
from gateway.store.writer import StoreWriter
from gateway.trace import SegmentSpans
from livetranslate import names
from livetranslate.errors import InternalError, UnavailableError
from livetranslate.v1 import asr_pb2, mt_pb2, tts_pb2
from tests.gateway.bodies import SECOND, final, position, translated
from tests.gateway.measuring import Measurements

GENERATION = 3


@dataclass
class Written:
    """A store that takes everything, refuses, is away, or belongs to somebody else."""

    error: Exception | None = None
    owners_before: Collection[tuple[str, int]] = ()
    records: list[Record] = field(default_factory=list)

    async def write(self, entries: Sequence[Entry]) -> Collection[tuple[str, int]]:
        if self.error is not None:
            raise self.error
        assert {entry.generation for entry in entries} == {GENERATION}
        self.records += [entry.record for entry in entries]
        return self.owners_before


@asynccontextmanager
async def recording(
    session: GatewaySession, written: Written, *, keeps: bool = False, measurements: Measurements | None = None
) -> AsyncIterator[tuple[Recorder, list[Event]]]:
    """A recorder, and the finals that viewers may be shown."""
    shown: list[Event] = []
    instruments = ResultInstruments((measurements or Measurements()).meter)
    async with StoreWriter(written.write, max_retry_delay_seconds=0) as writer:
        recorder = Recorder(
            session,
            GENERATION,
            writer,
            SegmentSpans("s"),
            SessionMetrics(session, instruments),
            stores_audio=keeps,
            stores_speech=keeps,
            on_news=lambda: None,
            on_durable=shown.append,
            is_superseded=asyncio.Event(),
        )
        with recorder.listening():
            yield recorder, shown
        if isinstance(written.error, UnavailableError):
            written.error = None  # so that the writer can end


def spoken_second(session: GatewaySession) -> None:
    """One second of audio with one final in it, and the position behind it."""
    session.receive_audio(SECOND, 0.0)
    session.receive_transcript(replace(final(0), message=asr_pb2.TranscriptRevision()), 0.0)
    session.receive_position(position(1, b"state"))


def bodies(session: GatewaySession) -> list[Body]:
    return [event.body for event in session.events_to_send()]


async def test_everything_is_stored_in_order_and_told() -> None:
    """A final, its translation, a change of the targets and a position; the checkpoint is behind them."""
    session, written = GatewaySession("s", [Target("es")]), Written()
    async with recording(session, written) as (recorder, shown):
        session.receive_audio(SECOND, 0.0)
        session.receive_transcript(replace(final(0), message=asr_pb2.TranscriptRevision()), 0.0)
        session.receive_translation(replace(translated(0), message=mt_pb2.TranslationRevision()), 0.0)
        session.receive_targets([Target("es", speech=True, voice="es-male")])
        session.receive_position(position(1, b"state"))
        await recorder.store()
        await recorder.wait_until_stored(60)
    kinds = [type(record) for record in written.records]
    assert kinds == [SegmentRecord, TranslationRecord, TargetsRecord, PositionRecord]
    segment, _, targets, place = written.records
    assert isinstance(segment, SegmentRecord)
    assert segment.target_language_codes == ("es",)
    assert targets == TargetsRecord("s", (TargetRecord("es", speech=True, voice="es-male"),))
    assert place == PositionRecord("s", SECOND, b"state")
    assert bodies(session)[-1] == Checkpoint(SECOND, 2)
    assert [event.number for event in shown] == [1, 2]


async def test_finals_are_measured_until_they_are_durable() -> None:
    """Each once, and nothing else that is stored; one that is refused is forgotten."""
    session, written, measurements = GatewaySession("s", [Target("es")]), Written(), Measurements()
    async with recording(session, written, measurements=measurements) as (recorder, _):
        spoken_second(session)
        await recorder.store()
        await recorder.wait_until_stored(60)
        written.error = ValueError()
        session.receive_translation(replace(translated(0), message=mt_pb2.TranslationRevision()), 0.0)
        await recorder.store()
        with pytest.raises(InternalError):
            await recorder.wait_until_stored(60)
        assert not recorder._metrics._made_final
    assert [count for count, _ in measurements.recorded(names.DURABLE_LAG).values()] == [1]


async def test_audio_is_stored_with_the_position_behind_it() -> None:
    """Exactly what lies before the position; the rest waits for the next one."""
    session, written = GatewaySession("s", []), Written()
    async with recording(session, written, keeps=True) as (recorder, _):
        spoken_second(session)
        recorder.receive_audio(bytes(2 * SECOND) + b"rest")
        await recorder.store()
        session.receive_audio(2, 0.0)
        session.receive_audio_end()
        await recorder.store()
        await recorder.wait_until_stored(60)
    pieces = [record for record in written.records if isinstance(record, AudioRecord)]
    assert pieces == [AudioRecord("s", 0, bytes(2 * SECOND)), AudioRecord("s", SECOND, b"rest")]
    kinds = [type(record) for record in written.records]
    assert kinds == [SegmentRecord, AudioRecord, PositionRecord, AudioRecord, PositionRecord]


def speech(segment_id: str, audio: bytes, language: str = "es", *, closes: str = "") -> Speech:
    """A stretch of speech that closes nothing, its clause, or its segment, too."""
    message = tts_pb2.SpeechAudio(audio=audio, sample_rate_hertz=22_050)
    is_segment_end = closes == "segment"
    return Speech(segment_id, language, is_last=bool(closes), message=message, is_segment_end=is_segment_end)


async def test_speech_is_stored_once_it_is_whole() -> None:
    """The clauses of a segment are stored together; languages do not mix, and what is not whole is not stored."""
    session, written = GatewaySession("s", []), Written()
    async with recording(session, written, keeps=True) as (recorder, _):
        await recorder.receive_speech(speech("a", b"ab"))
        await recorder.receive_speech(speech("a", b"xy", "ca", closes="clause"))
        await recorder.receive_speech(speech("a", b"cd", closes="clause"))
        await recorder.receive_speech(speech("a", b"ef", closes="segment"))
        await recorder.wait_until_stored(60)
    assert written.records == [SpeechRecord("s", "a", "es", 22_050, b"abcdef")]


async def test_a_segment_that_was_left_out_has_no_speech() -> None:
    """Where nothing was heard nothing is stored."""
    session, written = GatewaySession("s", []), Written()
    async with recording(session, written, keeps=True) as (recorder, _):
        await recorder.receive_speech(speech("a", b"", closes="segment"))
        await recorder.wait_until_stored(60)
    assert not written.records


async def test_speech_that_broke_off_does_not_get_into_the_next_segment() -> None:
    """What tts could not finish is not stored; what follows begins with itself."""
    session, written = GatewaySession("s", []), Written()
    async with recording(session, written, keeps=True) as (recorder, _):
        await recorder.receive_speech(speech("a", b"ab", closes="clause"))
        await recorder.receive_speech(speech("b", b"cd"))
        await recorder.receive_speech(speech("b", b"ef", closes="segment"))
        await recorder.wait_until_stored(60)
    assert written.records == [SpeechRecord("s", "b", "es", 22_050, b"cdef")]


async def test_audio_and_speech_are_kept_only_where_that_is_wished() -> None:
    """By default there is nothing of them in the store."""
    session, written = GatewaySession("s", []), Written()
    async with recording(session, written) as (recorder, _):
        spoken_second(session)
        recorder.receive_audio(bytes(2 * SECOND))
        await recorder.receive_speech(speech("a", b"ab", closes="segment"))
        await recorder.store()
        await recorder.wait_until_stored(60)
    assert [type(record) for record in written.records] == [SegmentRecord, PositionRecord]


async def test_the_end_does_not_wait_for_what_was_refused() -> None:
    """What the database will never take is our mistake, not an outage; the watermark stays before it."""
    session = GatewaySession("s", [])
    async with recording(session, Written(LookupError())) as (recorder, shown):
        spoken_second(session)
        await recorder.store()
        with pytest.raises(InternalError):
            await recorder.wait_until_stored(60)
    told = bodies(session)
    assert NoticeKind.STORE_UNAVAILABLE in [body.kind for body in told if isinstance(body, Notice)]
    assert not [body for body in told if isinstance(body, Checkpoint)]
    assert not shown


async def test_a_session_that_was_taken_over_is_told() -> None:
    """Nothing of it is stored any more, and that is no error of the database."""
    session = GatewaySession("s", [])
    async with recording(session, Written(owners_before=[("s", GENERATION)])) as (recorder, shown):
        spoken_second(session)
        await recorder.store()
        await recorder.is_superseded.wait()
    assert not [body for body in bodies(session) if isinstance(body, Checkpoint | Notice)]
    assert not shown


async def test_the_patience_ends() -> None:
    """A database that does not answer in time is told as unavailable."""
    session = GatewaySession("s", [])
    async with recording(session, Written(UnavailableError("DATABASE_UNAVAILABLE", "away"))) as (recorder, _):
        spoken_second(session)
        await recorder.store()
        with pytest.raises(UnavailableError) as raised:
            await recorder.wait_until_stored(0)
    assert raised.value.reason == "STORE_UNAVAILABLE"
