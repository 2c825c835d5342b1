"""Rows as records: what is read, and the conversions of single values both ways."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.store.records import (
    AudioRecord,
    SegmentRecord,
    SessionRecord,
    SessionState,
    SpeechRecord,
    TargetRecord,
    TranslationRecord,
    WordRecord,
)

if TYPE_CHECKING:
    import asyncpg

# $1: the session. $2: the event number to start after. $3: at most so many, or null.
SELECT_SEGMENTS = "SELECT * FROM segments WHERE session_id = $1 AND event_number > $2 ORDER BY event_number LIMIT $3"
SELECT_TRANSLATIONS = (
    "SELECT * FROM translations WHERE session_id = $1 AND event_number > $2 ORDER BY event_number LIMIT $3"
)

# A running session's audio is known as far as its last segment. Options, which may have a glossary, are read apart.
SELECT_SESSIONS = """
    SELECT session_id, title, state, source_language_code, target_language_codes, start_time, end_time, sample_count,
        targets, retention_seconds, store_audio, store_speech, expire_time, generation, position_sample, position_state,
        stored.segment_count, greatest(session.sample_count, stored.end_sample) AS stored_sample_count
    FROM sessions AS session CROSS JOIN LATERAL (
        SELECT count(*) AS segment_count, max(end_sample) AS end_sample
        FROM segments WHERE segments.session_id = session.session_id
    ) AS stored
"""


def words_to_json(words: Iterable[WordRecord]) -> str:
    """The words of a segment, for a column of type jsonb."""
    return json.dumps(
        [
            {
                "text": word.text,
                "start_sample": word.start_sample,
                "end_sample": word.end_sample,
                "confidence": word.confidence,
            }
            for word in words
        ]
    )


def targets_to_json(targets: Iterable[TargetRecord]) -> str:
    """The targets of a session, for a column of type jsonb."""
    return json.dumps([asdict(target) for target in targets])


def segment_of(row: "asyncpg.Record") -> SegmentRecord:
    """A row of `SELECT_SEGMENTS` as a record."""
    return SegmentRecord(**_values(row, SegmentRecord.__slots__))


def translation_of(row: "asyncpg.Record") -> TranslationRecord:
    """A row of `SELECT_TRANSLATIONS` as a record."""
    return TranslationRecord(**_values(row, TranslationRecord.__slots__))


def session_of(row: "asyncpg.Record") -> SessionRecord:
    """A row of `SELECT_SESSIONS` as a record."""
    values = _values(row, SessionRecord.__slots__)
    values["sample_count"] = row["stored_sample_count"]
    return SessionRecord(**values)


def audio_of(row: "asyncpg.Record") -> AudioRecord:
    """A row of `audio_pieces` as a record."""
    return AudioRecord(**_values(row, AudioRecord.__slots__))


def speech_of(row: "asyncpg.Record") -> SpeechRecord:
    """A row of `speech_pieces` as a record."""
    return SpeechRecord(**_values(row, SpeechRecord.__slots__))


def _words(text: str) -> tuple[WordRecord, ...]:
    return tuple(WordRecord(**word) for word in json.loads(text))


def _targets(text: str) -> tuple[TargetRecord, ...]:
    known = TargetRecord.__slots__  # a newer version may have stored more
    return tuple(TargetRecord(**{key: target[key] for key in known if key in target}) for target in json.loads(text))


def _strings(strings: str | Iterable[str]) -> tuple[str, ...]:
    # Segments and translations have lists as jsonb: arrays of arrays cannot be unnested row by row.
    return tuple(json.loads(strings) if isinstance(strings, str) else strings)


_FROM_COLUMN: Mapping[str, Callable[[Any], Any]] = {
    "words": _words,
    "targets": _targets,
    "target_language_codes": _strings,
    "quality_reasons": _strings,
    "missed_terms": _strings,
    "rejected_models": _strings,
    "hop_times_ms": json.loads,
    "state": SessionState,
}


def _values(row: "asyncpg.Record", columns: Iterable[str]) -> dict[str, Any]:
    return {column: _FROM_COLUMN.get(column, _same)(row[column]) for column in columns}


def _same(value: Any) -> Any:
    return value
