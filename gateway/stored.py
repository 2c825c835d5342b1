"""Between events and the records that are kept of them."""

from collections.abc import Iterable

from gateway.events import (
    Event,
    SpeechEncoding,
    SpeechOptions,
    Summary,
    Target,
    Transcript,
    Translation,
    TranslationPolicy,
)
from gateway.store.records import FinalRecord, SegmentRecord, TargetRecord, TranslationRecord, WordRecord
from gateway.store.totals import Totals
from livetranslate.v1 import asr_pb2, mt_pb2, types_pb2
from livetranslate.wire import duration_of_samples, duration_of_seconds, samples_of_duration, seconds_of_duration

_REASON = "QUALITY_REASON_"
# A newer mt may know more of them.
_REASONS = {value: name.removeprefix(_REASON) for name, value in mt_pb2.QualityReason.items()}
_REASON_VALUES = {name: value for value, name in _REASONS.items()}  # a newer version may have stored others


def record_of(session_id: str, event: Event) -> FinalRecord:
    """The record of a final transcript, with what it is to be translated into, or of a final translation."""
    if isinstance(event.body, Transcript):
        return _segment_record(session_id, event.number, event.body)
    if isinstance(event.body, Translation):
        return _translation_record(session_id, event.number, event.body)
    raise TypeError(f"events of type {type(event.body).__name__} are not stored")


def event_of(record: FinalRecord) -> Event:
    """The event that a record was made of."""
    if isinstance(record, SegmentRecord):
        return Event(record.event_number, transcript_of(record))
    return Event(record.event_number, _translation(record))


def summary_of(session_id: str, totals: Totals, sample_count: int) -> Summary:
    """What is stored of a session, in figures; notices are not stored."""
    return Summary(
        session_id,
        sample_count=sample_count,
        speech_samples=totals.speech_samples,
        segment_count=totals.segment_count,
        translation_count=totals.translation_count,
        word_count=totals.word_count,
    )


def target_records(targets: Iterable[Target]) -> tuple[TargetRecord, ...]:
    """Targets as they are stored."""
    return tuple(_target_record(target) for target in targets)


def targets_of(records: Iterable[TargetRecord]) -> tuple[Target, ...]:
    """Stored targets as they were."""
    return tuple(_target(record) for record in records)


def _target_record(target: Target) -> TargetRecord:
    options = target.speech_options
    return TargetRecord(
        target.language,
        target.speech,
        target.voice,
        target.policy,
        options.encoding,
        options.max_speaking_rate,
        options.max_lag_seconds,
        options.ducking_db,
    )


def _target(record: TargetRecord) -> Target:
    encoding = SpeechEncoding(record.encoding)
    options = SpeechOptions(encoding, record.max_speaking_rate, record.max_lag_seconds, record.ducking_db)
    return Target(record.language_code, record.speech, record.voice, TranslationPolicy(record.policy), options)


def _segment_record(session_id: str, number: int, body: Transcript) -> SegmentRecord:
    revision: asr_pb2.TranscriptRevision = body.message
    return SegmentRecord(
        session_id=session_id,
        event_number=number,
        segment_id=body.segment_id,
        start_sample=body.start_sample,
        end_sample=body.end_sample,
        language_code=revision.language_code,
        text=body.committed_text,
        words=tuple(_word_record(word) for word in revision.words),
        confidence=revision.confidence,
        model=revision.model,
        lag_ms=body.lag_seconds * 1000,
        hop_times_ms=_hop_times_ms(revision.hop_times),
        traceparent=revision.trace.traceparent,
        target_language_codes=body.target_languages,
        is_continued=revision.end == asr_pb2.SEGMENT_END_MAX_DURATION,
    )


def _translation_record(session_id: str, number: int, body: Translation) -> TranslationRecord:
    revision: mt_pb2.TranslationRevision = body.message
    return TranslationRecord(
        session_id=session_id,
        event_number=number,
        segment_id=body.segment_id,
        start_sample=body.start_sample,
        end_sample=body.end_sample,
        language_code=body.language,
        text=body.committed_text,
        model=revision.model,
        lag_ms=body.lag_seconds * 1000,
        hop_times_ms=_hop_times_ms(revision.hop_times),
        traceparent=revision.trace.traceparent,
        quality=revision.quality,
        quality_reasons=tuple(_REASONS[reason] for reason in revision.quality_reasons if reason in _REASONS),
        missed_terms=tuple(revision.missed_terms),
        rejected_models=tuple(revision.rejected_models),
    )


def transcript_of(record: SegmentRecord) -> Transcript:
    """The transcript that a record was made of."""
    revision = asr_pb2.TranscriptRevision(
        segment_id=record.segment_id,
        committed_text=record.text,
        is_final=True,
        start_offset=duration_of_samples(record.start_sample),
        end_offset=duration_of_samples(record.end_sample),
        words=[_word(word) for word in record.words],
        language_code=record.language_code,
        confidence=record.confidence,
        hop_times=_hop_times(record),
        trace=types_pb2.TraceContext(traceparent=record.traceparent),
        model=record.model,
        end=asr_pb2.SEGMENT_END_MAX_DURATION if record.is_continued else asr_pb2.SEGMENT_END_UNSPECIFIED,
    )
    return Transcript(
        segment_id=record.segment_id,
        start_sample=record.start_sample,
        end_sample=record.end_sample,
        committed_text=record.text,
        unstable_text="",
        is_final=True,
        message=revision,
        lag_seconds=record.lag_ms / 1000,
    )


def _translation(record: TranslationRecord) -> Translation:
    revision = mt_pb2.TranslationRevision(
        segment_id=record.segment_id,
        language_code=record.language_code,
        committed_text=record.text,
        is_final=True,
        hop_times=_hop_times(record),
        trace=types_pb2.TraceContext(traceparent=record.traceparent),
        model=record.model,
        quality=record.quality,
        quality_reasons=[_REASON_VALUES[name] for name in record.quality_reasons if name in _REASON_VALUES],
        missed_terms=record.missed_terms,
        rejected_models=record.rejected_models,
    )
    return Translation(
        segment_id=record.segment_id,
        language=record.language_code,
        committed_text=record.text,
        unstable_text="",
        is_final=True,
        message=revision,
        start_sample=record.start_sample,
        end_sample=record.end_sample,
        lag_seconds=record.lag_ms / 1000,
    )


def _word_record(word: types_pb2.Word) -> WordRecord:
    start, end = samples_of_duration(word.start_offset), samples_of_duration(word.end_offset)
    return WordRecord(word.text, start, end, word.confidence)


def _word(word: WordRecord) -> types_pb2.Word:
    return types_pb2.Word(
        text=word.text,
        start_offset=duration_of_samples(word.start_sample),
        end_offset=duration_of_samples(word.end_sample),
        confidence=word.confidence,
    )


def _hop_times_ms(hop_times: Iterable[types_pb2.HopTime]) -> dict[str, float]:
    return {hop.hop: seconds_of_duration(hop.duration) * 1000 for hop in hop_times}


def _hop_times(record: FinalRecord) -> list[types_pb2.HopTime]:
    return [
        types_pb2.HopTime(hop=hop, duration=duration_of_seconds(ms / 1000)) for hop, ms in record.hop_times_ms.items()
    ]
