"""Records as rows: the SQL that writes and reads them, and the conversions both ways.

A table is written by one statement however many rows there are: one array per column, unnested. The columns named here
are the fields of the records, in the tables' own words.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.store.records import SegmentRecord, SessionRecord, SessionState, TranslationRecord, WordRecord

if TYPE_CHECKING:
    import asyncpg

_SEGMENT_TYPES = {
    "session_id": "text",
    "event_number": "bigint",
    "segment_id": "text",
    "start_sample": "bigint",
    "end_sample": "bigint",
    "language_code": "text",
    "text": "text",
    "words": "jsonb",
    "confidence": "double precision",
    "model": "text",
    "decoder_state": "bytea",
    "lag_ms": "double precision",
    "hop_times_ms": "jsonb",
    "traceparent": "text",
}
_TRANSLATION_TYPES = {
    column: kind for column, kind in _SEGMENT_TYPES.items() if column not in {"words", "confidence", "decoder_state"}
}


def _insertion(table: str, types: Mapping[str, str], key: str) -> str:
    columns = ", ".join(types)
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types.values(), 1))
    return f"INSERT INTO {table} ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT ({key}) DO NOTHING"  # noqa: S608 - constants


# Only the same record again is passed over. Another record under the same event number breaks a constraint.
INSERT_SEGMENTS = _insertion("segments", _SEGMENT_TYPES, "session_id, segment_id")
INSERT_TRANSLATIONS = _insertion("translations", _TRANSLATION_TYPES, "session_id, segment_id, language_code")

# $1: the session. $2: the event number to start after. $3: at most so many, or null.
SELECT_SEGMENTS = "SELECT * FROM segments WHERE session_id = $1 AND event_number > $2 ORDER BY event_number LIMIT $3"
SELECT_TRANSLATIONS = (
    "SELECT * FROM translations WHERE session_id = $1 AND event_number > $2 ORDER BY event_number LIMIT $3"
)

# A running session's audio is known as far as its last segment.
SELECT_SESSIONS = """
    SELECT session.*, stored.segment_count, greatest(session.sample_count, stored.end_sample) AS stored_sample_count
    FROM sessions AS session CROSS JOIN LATERAL (
        SELECT count(*) AS segment_count, max(end_sample) AS end_sample
        FROM segments WHERE segments.session_id = session.session_id
    ) AS stored
"""


def columns_of_segments(segments: Sequence[SegmentRecord]) -> list[list[Any]]:
    """The arguments of `INSERT_SEGMENTS`."""
    return _columns(segments, _SEGMENT_TYPES)


def columns_of_translations(translations: Sequence[TranslationRecord]) -> list[list[Any]]:
    """The arguments of `INSERT_TRANSLATIONS`."""
    return _columns(translations, _TRANSLATION_TYPES)


def _columns(records: Sequence[SegmentRecord | TranslationRecord], types: Mapping[str, str]) -> list[list[Any]]:
    columns = {column: [getattr(record, column) for record in records] for column in types}
    for column in columns.keys() & _TO_JSON:
        columns[column] = [_TO_JSON[column](value) for value in columns[column]]
    return list(columns.values())


def _words_to_json(words: Iterable[WordRecord]) -> str:
    return json.dumps([{field: getattr(word, field) for field in WordRecord.__slots__} for word in words])


def _hop_times_to_json(hop_times_ms: Mapping[str, float]) -> str:
    return json.dumps(dict(hop_times_ms))


_TO_JSON: Mapping[str, Callable[[Any], str]] = {"words": _words_to_json, "hop_times_ms": _hop_times_to_json}


def segment_of(row: "asyncpg.Record") -> SegmentRecord:
    """A row of `SELECT_SEGMENTS` as a record."""
    values = {column: row[column] for column in _SEGMENT_TYPES}
    values["words"] = tuple(WordRecord(**word) for word in json.loads(row["words"]))
    values["hop_times_ms"] = json.loads(row["hop_times_ms"])
    return SegmentRecord(**values)


def translation_of(row: "asyncpg.Record") -> TranslationRecord:
    """A row of `SELECT_TRANSLATIONS` as a record."""
    values = {column: row[column] for column in _TRANSLATION_TYPES}
    values["hop_times_ms"] = json.loads(row["hop_times_ms"])
    return TranslationRecord(**values)


def session_of(row: "asyncpg.Record") -> SessionRecord:
    """A row of `SELECT_SESSIONS` as a record."""
    return SessionRecord(
        session_id=row["session_id"],
        title=row["title"],
        state=SessionState(row["state"]),
        source_language_code=row["source_language_code"],
        target_language_codes=tuple(row["target_language_codes"]),
        start_time=row["start_time"],
        end_time=row["end_time"],
        sample_count=row["stored_sample_count"],
        segment_count=row["segment_count"],
    )
