"""Between events and the records that are kept of them."""

from dataclasses import replace

from gateway.events import Event, SpeechEncoding, SpeechOptions, Target, TranslationPolicy
from gateway.messages import transcript_from_proto, translation_from_proto
from gateway.store.records import TargetRecord, TranslationRecord
from gateway.stored import event_of, record_of, target_records, targets_of
from livetranslate.v1 import asr_pb2, mt_pb2, types_pb2


def test_targets_come_back_as_they_were() -> None:
    """How they are committed and spoken included; older records have the defaults."""
    options = SpeechOptions(SpeechEncoding.OGG_OPUS, max_speaking_rate=1.5, max_lag_seconds=4.0, ducking_db=0.0)
    targets = Target("es", True, "es-male", TranslationPolicy.CLAUSES, options), Target("ca")
    assert targets_of(target_records(targets)) == targets
    assert targets_of([TargetRecord("es", speech=True)]) == (Target("es", speech=True),)


def test_how_good_a_translation_seems_to_be_is_kept() -> None:
    """What a newer mt has against it, and this gateway does not know, is left out."""
    revision = mt_pb2.TranslationRevision(
        segment_id="000000000000",
        language_code="es",
        committed_text="buenos días",
        is_final=True,
        model="mt_apertium",
        quality=0.5,
        quality_reasons=[mt_pb2.QUALITY_REASON_TERM_MISSED, mt_pb2.QUALITY_REASON_LENGTH],
        missed_terms=["hot plate"],
        rejected_models=["mt_other"],
        trace=types_pb2.TraceContext(traceparent="trace"),
    )
    record = record_of("s", Event(1, translation_from_proto(revision)))
    assert isinstance(record, TranslationRecord)
    assert record.quality_reasons == ("TERM_MISSED", "LENGTH")
    assert event_of(record).body.message == revision  # type: ignore[union-attr] # a translation
    newer = mt_pb2.TranslationRevision.FromString(revision.SerializeToString() + b"\x58\x63")  # quality_reasons: 99
    assert record_of("s", Event(1, translation_from_proto(newer))) == record
    stored_by_newer = replace(record, quality_reasons=("TERM_MISSED", "OF_TOMORROW", "LENGTH"))
    assert event_of(stored_by_newer).body.message == revision  # type: ignore[union-attr] # a translation


def test_where_a_sentence_was_cut_is_kept() -> None:
    """So that a translation that is asked for again after a break is the same."""
    for end in (asr_pb2.SEGMENT_END_MAX_DURATION, asr_pb2.SEGMENT_END_UNSPECIFIED):
        revision = asr_pb2.TranscriptRevision(segment_id="000000000000", committed_text="good", is_final=True, end=end)
        record = record_of("s", Event(1, transcript_from_proto(revision)))
        assert event_of(record).body.message.end == end  # type: ignore[union-attr] # a transcript
