"""Records to store: sessions with ids of their own, segments of one second each."""

import secrets
from datetime import UTC, datetime

from gateway.store.records import (
    SegmentRecord,
    SessionRecord,
    SessionState,
    TargetRecord,
    TranslationRecord,
    WordRecord,
)
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id

TOKEN_HASH = b"the hash of a token"
REPLICA = "replica"


def session(start_time: datetime | None = None) -> SessionRecord:
    """A session that has just been opened."""
    return SessionRecord(
        session_id=secrets.token_urlsafe(16),
        title="Keynote",
        state=SessionState.ACTIVE,
        source_language_code="en",
        target_language_codes=("es",),
        start_time=start_time or datetime.now(UTC),
        targets=(TargetRecord("es", speech=True, voice="es-male"),),
    )


def segment(session_id: str, event_number: int, second: int = 0, text: str = "good morning") -> SegmentRecord:
    """A segment of one second, its words of equal length."""
    start = second * SAMPLE_RATE_HERTZ
    words = text.split()
    length = SAMPLE_RATE_HERTZ // len(words)
    return SegmentRecord(
        session_id=session_id,
        event_number=event_number,
        segment_id=segment_id(start),
        start_sample=start,
        end_sample=start + SAMPLE_RATE_HERTZ,
        language_code="en",
        text=text,
        words=tuple(
            WordRecord(word, start + place * length, start + (place + 1) * length, 0.9)
            for place, word in enumerate(words)
        ),
        confidence=0.9,
        model="asr_pocketsphinx",
        lag_ms=512.25,
        hop_times_ms={"asr": 20.5, "asr.triton": 12.25},
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        target_language_codes=("es",),
        is_continued=True,
    )


def segments(count: int, session_id: str = "talk") -> list[SegmentRecord]:
    """The first so many segments of a session, and its first events."""
    return [segment(session_id, number, number) for number in range(1, count + 1)]


def translation(source: SegmentRecord, event_number: int, text: str = "buenos días") -> TranslationRecord:
    """A segment's Spanish translation."""
    return TranslationRecord(
        session_id=source.session_id,
        event_number=event_number,
        segment_id=source.segment_id,
        start_sample=source.start_sample,
        end_sample=source.end_sample,
        language_code="es",
        text=text,
        model="mt_apertium",
        lag_ms=530.0,
        hop_times_ms={"mt": 6.0},
        traceparent=source.traceparent,
        quality=0.75,
        quality_reasons=("TERM_MISSED",),
        missed_terms=("morning",),
        rejected_models=("mt_other",),
    )
