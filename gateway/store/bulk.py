"""The SQL that writes records in bulk: one statement per kind, however many there are.

Each statement takes one array per column and unnests them. The columns named here are the fields of the records, in
the tables' own words.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.store.records import (
    AudioRecord,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetsRecord,
    TranslationRecord,
)
from gateway.store.rows import targets_to_json, words_to_json

Types = Mapping[str, str]
Arguments = list[list[Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that writes all records of one kind, and the values for it."""

    sql: str
    arguments: Arguments


def statements_of(records: Sequence[Record]) -> list[Statement]:
    """What stores the records, in the order in which the tables depend on each other.

    A tenth of a millisecond a record: not for the event loop.
    """
    kinds: dict[type[Record], list[Any]] = {}
    for record in records:
        kinds.setdefault(type(record), []).append(record)
    return [write(kinds[kind]) for kind, write in _WRITERS.items() if kind in kinds]


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
    "lag_ms": "double precision",
    "hop_times_ms": "jsonb",
    "traceparent": "text",
    "target_language_codes": "jsonb",
}
_TRANSLATION_TYPES = {
    column: kind
    for column, kind in _SEGMENT_TYPES.items()
    if column not in {"words", "confidence", "target_language_codes"}
}
_POSITION_TYPES = {"session_id": "text", "sample": "bigint", "state": "bytea"}
_TARGETS_TYPES = {"session_id": "text", "targets": "jsonb", "language_codes": "jsonb"}
_AUDIO_TYPES = {"session_id": "text", "start_sample": "bigint", "audio": "bytea"}
_SPEECH_TYPES = {
    "session_id": "text",
    "segment_id": "text",
    "language_code": "text",
    "sample_rate_hertz": "integer",
    "audio": "bytea",
}


def _unnested(types: Types) -> str:
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types.values(), 1))
    return f"unnest({arrays}) AS given ({', '.join(types)})"


def _insertion(table: str, types: Types, key: str) -> str:
    columns = ", ".join(types)
    return f"INSERT INTO {table} ({columns}) SELECT * FROM {_unnested(types)} ON CONFLICT ({key})"  # noqa: S608 - constants


# Only the same record again is passed over. Another record under the same event number breaks a constraint.
_INSERT_SEGMENTS = f"""
    {_insertion("segments", _SEGMENT_TYPES, "session_id, segment_id")} DO NOTHING RETURNING session_id, event_number
"""
_INSERT_TRANSLATIONS = f"""
    {_insertion("translations", _TRANSLATION_TYPES, "session_id, segment_id, language_code")} DO NOTHING
    RETURNING session_id, event_number
"""

# A replay never moves a position back.
_UPDATE_POSITIONS = f"""
    UPDATE sessions AS session SET position_sample = given.sample, position_state = given.state,
        sample_count = greatest(session.sample_count, given.sample)
    FROM {_unnested(_POSITION_TYPES)}
    WHERE session.session_id = given.session_id AND session.position_sample <= given.sample
"""  # noqa: S608 - constants

# New languages follow those that the session has been translated into so far.
_UPDATE_TARGETS = f"""
    UPDATE sessions AS session SET targets = given.targets,
        target_language_codes = session.target_language_codes || ARRAY(
            SELECT code FROM jsonb_array_elements_text(given.language_codes) WITH ORDINALITY AS new (code, place)
            WHERE code <> ALL (session.target_language_codes) ORDER BY place
        )
    FROM {_unnested(_TARGETS_TYPES)} WHERE session.session_id = given.session_id
"""  # noqa: S608 - constants

# After a break the audio is cut at other places: of two pieces that begin together the longer one holds both.
_INSERT_AUDIO = f"""
    {_insertion("audio_pieces", _AUDIO_TYPES, "session_id, start_sample")}
    DO UPDATE SET audio = excluded.audio WHERE length(excluded.audio) > length(audio_pieces.audio)
"""
_INSERT_SPEECH = f"{_insertion('speech_pieces', _SPEECH_TYPES, 'session_id, language_code, segment_id')} DO NOTHING"


def _segments(records: Sequence[SegmentRecord]) -> Statement:
    return Statement(_INSERT_SEGMENTS, _columns(records, _SEGMENT_TYPES))


def _translations(records: Sequence[TranslationRecord]) -> Statement:
    return Statement(_INSERT_TRANSLATIONS, _columns(records, _TRANSLATION_TYPES))


def _positions(records: Sequence[PositionRecord]) -> Statement:
    newest = {record.session_id: record for record in sorted(records, key=lambda record: record.sample)}
    return Statement(_UPDATE_POSITIONS, _columns(newest.values(), _POSITION_TYPES))


def _targets(records: Sequence[TargetsRecord]) -> Statement:
    """Of each session the newest targets, and the languages of all."""
    newest = {record.session_id: targets_to_json(record.targets) for record in records}
    codes: dict[str, dict[str, None]] = {session_id: {} for session_id in newest}
    for record in records:
        codes[record.session_id] |= dict.fromkeys(target.language_code for target in record.targets)
    return Statement(_UPDATE_TARGETS, [[*newest], [*newest.values()], [json.dumps([*each]) for each in codes.values()]])


def _audio(records: Sequence[AudioRecord]) -> Statement:
    longest = {(each.session_id, each.start_sample): each for each in sorted(records, key=lambda each: len(each.audio))}
    return Statement(_INSERT_AUDIO, _columns(longest.values(), _AUDIO_TYPES))


def _speech(records: Sequence[SpeechRecord]) -> Statement:
    return Statement(_INSERT_SPEECH, _columns(records, _SPEECH_TYPES))


_WRITERS: Mapping[type[Record], Callable[[Any], Statement]] = {
    SegmentRecord: _segments,
    TranslationRecord: _translations,
    SpeechRecord: _speech,
    AudioRecord: _audio,
    TargetsRecord: _targets,
    PositionRecord: _positions,
}

_TO_COLUMN: Mapping[str, Callable[[Any], str]] = {
    "words": words_to_json,
    "hop_times_ms": lambda hop_times: json.dumps(dict(hop_times)),
    "target_language_codes": json.dumps,
}


def _columns(records: Iterable[Record], types: Types) -> Arguments:
    rows = list(records)
    columns = {column: [getattr(row, column) for row in rows] for column in types}
    for column in columns.keys() & _TO_COLUMN:
        columns[column] = [_TO_COLUMN[column](value) for value in columns[column]]
    return list(columns.values())
