"""A session's transcript, or one of its translations, as a file.

All files of a session fit together: the same segments at the same times. In subtitles a long segment becomes several
cues; a transcript's cues follow its words' times, a translation's share the segment's time by their length. A file can
be made at any moment; while the session runs it has what is stored by then.

The JSON is stable; times are seconds from the session's first sample:

    {
      "session_id": "…", "title": "…",
      "source_language_code": "en", "language_code": "es",
      "segments": [{
        "segment_id": "000000008192", "start": 0.512, "end": 1.9,
        "language_code": "es", "text": "buenos días a todos",
        "model": "mt_apertium", "lag_ms": 530.0, "hop_times_ms": {"mt": 6.0},
        …
      }]
    }

A segment of a transcript also has

        "confidence": 0.9,
        "words": [{"text": "good", "start": 0.512, "end": 0.8, "confidence": 0.9}]

and one of a translation

        "quality": 0.8, "quality_reasons": ["TERM_MISSED"], "missed_terms": ["hot plate"],
        "rejected_models": ["mt_marian"]
"""

import html
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import pysubs2

from gateway.cues import cues_of
from gateway.store.records import FinalRecord, SegmentRecord, SessionRecord, TranslationRecord, WordRecord
from gateway.subtitle_options import SubtitleOptions
from livetranslate.samples import SAMPLE_RATE_HERTZ


class ExportFormat(StrEnum):
    """A kind of file; its value is the file name's extension."""

    SRT = "srt"
    VTT = "vtt"
    JSON = "json"
    TXT = "txt"


MEDIA_TYPES = {
    ExportFormat.SRT: "application/x-subrip",
    ExportFormat.VTT: "text/vtt",
    ExportFormat.JSON: "application/json",
    ExportFormat.TXT: "text/plain",
}


def export(
    session: SessionRecord,
    records: Sequence[FinalRecord],
    export_format: ExportFormat,
    language_code: str,
    subtitles: SubtitleOptions,
) -> str:
    """Renders a file; the same input always gives the same text.

    Args:
        session: The session.
        records: Everything stored of it, in any order.
        export_format: The kind of file.
        language_code: A target language; empty for the transcript.
        subtitles: How cues are cut, for SRT and VTT.
    """
    chosen = sorted(_chosen(records, language_code), key=lambda record: record.segment_id)
    match export_format:
        case ExportFormat.JSON:
            return _json(session, chosen, language_code or session.source_language_code)
        case ExportFormat.TXT:
            return "".join(f"{' '.join(record.text.split())}\n" for record in chosen)
        case ExportFormat.SRT | ExportFormat.VTT:
            return _subtitles(chosen, export_format, subtitles)


def _chosen(records: Sequence[FinalRecord], language_code: str) -> list[FinalRecord]:
    if not language_code:
        return [record for record in records if isinstance(record, SegmentRecord)]
    return [
        record for record in records if isinstance(record, TranslationRecord) and record.language_code == language_code
    ]


def _subtitles(records: Sequence[FinalRecord], export_format: ExportFormat, options: SubtitleOptions) -> str:
    file = pysubs2.SSAFile()
    for cue in cues_of(records, options):
        event = pysubs2.SSAEvent(start=cue.start_ms, end=cue.end_ms)
        event.plaintext = _literal("\n".join(cue.lines), export_format)
        file.append(event)
    return file.to_string(export_format.value, keep_ssa_tags=True)


def _literal(text: str, export_format: ExportFormat) -> str:
    """Text that is shown as it is, though it may look like markup."""
    text = text.replace("\\", "\\\N{WORD JOINER}")  # pysubs2 reads backslashes as line breaks and spaces
    return html.escape(text, quote=False) if export_format is ExportFormat.VTT else text


def _json(session: SessionRecord, records: Sequence[FinalRecord], language_code: str) -> str:
    content = {
        "session_id": session.session_id,
        "title": session.title,
        "source_language_code": session.source_language_code,
        "language_code": language_code,
        "segments": [_segment(record) for record in records],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _segment(record: FinalRecord) -> dict[str, Any]:
    segment: dict[str, Any] = {
        "segment_id": record.segment_id,
        "start": _seconds(record.start_sample),
        "end": _seconds(record.end_sample),
        "language_code": record.language_code,
        "text": record.text,
        "model": record.model,
        "lag_ms": record.lag_ms,
        "hop_times_ms": dict(sorted(record.hop_times_ms.items())),
    }
    if isinstance(record, SegmentRecord):
        segment["confidence"] = record.confidence
        segment["words"] = [_word(word) for word in record.words]
    else:
        segment["quality"] = round(record.quality, 3)
        segment["quality_reasons"] = list(record.quality_reasons)
        segment["missed_terms"] = list(record.missed_terms)
        segment["rejected_models"] = list(record.rejected_models)
    return segment


def _word(word: WordRecord) -> dict[str, Any]:
    return {
        "text": word.text,
        "start": _seconds(word.start_sample),
        "end": _seconds(word.end_sample),
        "confidence": word.confidence,
    }


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE_HERTZ, 6)
