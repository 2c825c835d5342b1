"""The SQL that writes a batch of entries: one statement, whatever and however much there is in it.

It locks the rows of the sessions, always in the same order, then writes only what comes from their owners, tells the
viewers of new finals, and returns the owners. Each kind of record is given as one array per column. The columns named
here are the fields of the records, in the tables' own words.

One statement, because on a busy machine each answer that is waited for costs more than the work asked for.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gateway.store.notify import CHANNEL
from gateway.store.records import (
    AudioRecord,
    Entry,
    PositionRecord,
    Record,
    SegmentRecord,
    SpeechRecord,
    TargetsRecord,
    TranslationRecord,
)
from gateway.store.rows import targets_to_json, words_to_json

_OWNER_TYPES = {"session_id": "text", "generation": "bigint"}
_FINAL_TYPES = _OWNER_TYPES | {
    "event_number": "bigint",
    "segment_id": "text",
    "start_sample": "bigint",
    "end_sample": "bigint",
    "language_code": "text",
    "text": "text",
    "model": "text",
    "lag_ms": "double precision",
    "hop_times_ms": "jsonb",
    "traceparent": "text",
}
_SEGMENT_TYPES = _FINAL_TYPES | {
    "words": "jsonb",
    "confidence": "double precision",
    "target_language_codes": "jsonb",
    "is_continued": "boolean",
}
_TRANSLATION_TYPES = _FINAL_TYPES | {
    "quality": "double precision",
    "quality_reasons": "jsonb",
    "missed_terms": "jsonb",
    "rejected_models": "jsonb",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of record is written; {columns} and {given} stand for its columns and its rows."""

    types: Mapping[str, str]
    sql: str
    makes_news: bool = False


_KINDS = {
    # Only the same record again is passed over. Another record under the same event number breaks a constraint.
    "segments": _Kind(
        _SEGMENT_TYPES,
        """
        INSERT INTO segments ({columns}) SELECT {columns} FROM {given}
        ON CONFLICT (session_id, segment_id) DO NOTHING RETURNING session_id, event_number
        """,
        makes_news=True,
    ),
    "translations": _Kind(
        _TRANSLATION_TYPES,
        """
        INSERT INTO translations ({columns}) SELECT {columns} FROM {given}
        ON CONFLICT (session_id, segment_id, language_code) DO NOTHING RETURNING session_id, event_number
        """,
        makes_news=True,
    ),
    # A replay never moves a position back. New languages follow those that were translated into so far.
    "changes": _Kind(
        _OWNER_TYPES | {"sample": "bigint", "state": "bytea", "targets": "jsonb", "language_codes": "jsonb"},
        """
        UPDATE sessions AS session SET
            position_state = CASE WHEN given.sample >= position_sample THEN given.state ELSE position_state END,
            position_sample = greatest(position_sample, given.sample),
            sample_count = greatest(sample_count, given.sample),
            targets = coalesce(given.targets, session.targets),
            target_language_codes = target_language_codes || ARRAY(
                SELECT code FROM jsonb_array_elements_text(given.language_codes) WITH ORDINALITY AS new (code, place)
                WHERE code <> ALL (target_language_codes) ORDER BY place
            )
        FROM {given} WHERE session.session_id = given.session_id
        """,
    ),
    # After a break the audio is cut at other places: of two pieces that begin together the longer one holds both.
    "audio": _Kind(
        _OWNER_TYPES | {"start_sample": "bigint", "audio": "bytea"},
        """
        INSERT INTO audio_pieces ({columns}) SELECT {columns} FROM {given} ON CONFLICT (session_id, start_sample)
        DO UPDATE SET audio = excluded.audio WHERE length(excluded.audio) > length(audio_pieces.audio)
        """,
    ),
    "speech": _Kind(
        _OWNER_TYPES
        | {"segment_id": "text", "language_code": "text", "sample_rate_hertz": "integer", "audio": "bytea"},
        """
        INSERT INTO speech_pieces ({columns}) SELECT {columns} FROM {given}
        ON CONFLICT (session_id, language_code, segment_id) DO NOTHING
        """,
    ),
}


def statement_of(entries: Sequence[Entry]) -> tuple[str, list[list[Any]]]:
    """The statement that stores the entries, and its arguments.

    Its rows begin with the sessions and the generations of their owners: what came from others was not stored.
    Some 15 microseconds of work an entry.
    """
    rows = {kind: found for kind, rows_of in _ROWS.items() if (found := rows_of(entries))}
    session_ids = list({entry.record.session_id for entry in entries})
    columns = [column for kind, found in rows.items() for column in _columns(found, _KINDS[kind].types)]
    return _sql(tuple(rows)), [session_ids, *columns]


@dataclass(slots=True)
class _Change:
    """What changes in a session's own row; None: nothing."""

    session_id: str
    sample: int | None = None
    state: bytes | None = None
    targets: str | None = None
    language_codes: list[str] = field(default_factory=list)

    def add(self, record: PositionRecord | TargetsRecord) -> None:
        if isinstance(record, TargetsRecord):
            self.targets = targets_to_json(record.targets)
            self.language_codes += [target.language_code for target in record.targets]
        elif self.sample is None or record.sample >= self.sample:
            self.sample, self.state = record.sample, record.state


_Row = tuple[int, Any]  # the generation, and what has the other columns as attributes


def _rows_of(kind: type[Record]) -> Callable[[Sequence[Entry]], list[_Row]]:
    return lambda entries: [(entry.generation, entry.record) for entry in entries if isinstance(entry.record, kind)]


def _changes(entries: Sequence[Entry]) -> list[_Row]:
    """One of each owner: a statement can change a row once."""
    changes: dict[tuple[str, int], _Change] = {}
    for entry in entries:
        if isinstance(record := entry.record, PositionRecord | TargetsRecord):
            owner = (record.session_id, entry.generation)
            changes.setdefault(owner, _Change(record.session_id)).add(record)
    for change in changes.values():
        change.language_codes = list(dict.fromkeys(change.language_codes))
    return [(generation, change) for (_, generation), change in changes.items()]


def _audio(entries: Sequence[Entry]) -> list[_Row]:
    """Of the pieces that begin together the longest."""
    longest: dict[tuple[str, int, int], AudioRecord] = {}
    for entry in entries:
        if isinstance(piece := entry.record, AudioRecord):
            key = (piece.session_id, entry.generation, piece.start_sample)
            longest[key] = max(piece, longest.get(key, piece), key=lambda each: len(each.audio))
    return [(generation, piece) for (_, generation, _), piece in longest.items()]


_ROWS: Mapping[str, Callable[[Sequence[Entry]], list[_Row]]] = {
    "segments": _rows_of(SegmentRecord),
    "translations": _rows_of(TranslationRecord),
    "changes": _changes,
    "audio": _audio,
    "speech": _rows_of(SpeechRecord),
}

_TO_COLUMN: Mapping[str, Callable[[Any], str]] = {
    "words": words_to_json,
    "hop_times_ms": lambda hop_times: json.dumps(dict(hop_times)),
    "target_language_codes": json.dumps,
    "language_codes": json.dumps,
    "quality_reasons": json.dumps,
    "missed_terms": json.dumps,
    "rejected_models": json.dumps,
}


def _columns(rows: Sequence[_Row], types: Mapping[str, str]) -> list[list[Any]]:
    columns = {column: [getattr(row, column) for _, row in rows] for column in types if column != "generation"}
    for column in columns.keys() & _TO_COLUMN:
        columns[column] = [_TO_COLUMN[column](value) for value in columns[column]]
    columns["generation"] = [generation for generation, _ in rows]
    return [columns[column] for column in types]


@cache
def _sql(kinds: tuple[str, ...]) -> str:
    writes, place = [], 2
    for kind in kinds:
        columns = _KINDS[kind].types
        arrays = ", ".join(f"${number}::{column}[]" for number, column in enumerate(columns.values(), place))
        rows = f"unnest({arrays}) AS row ({', '.join(columns)})"
        given = f"(SELECT * FROM {rows} JOIN owner USING (session_id, generation)) AS given"  # noqa: S608 - constants
        stored = ", ".join(column for column in columns if column != "generation")
        writes.append(f"{kind} AS ({_KINDS[kind].sql.format(columns=stored, given=given)})")
        place += len(columns)
    news = " UNION ALL ".join(f"SELECT * FROM {kind}" for kind in kinds if _KINDS[kind].makes_news)  # noqa: S608 - constants
    return f"""
        WITH owner AS (
            SELECT session_id, generation FROM sessions WHERE session_id = ANY ($1)
            ORDER BY session_id FOR NO KEY UPDATE
        ), {", ".join(writes)}
        SELECT session_id, generation, {_told(news) if news else "0"} FROM owner
    """  # noqa: S608 - constants


def _told(news: str) -> str:
    message = "json_build_object('kind', 'stored', 'session_id', session_id, 'event_number', max(event_number))::text"
    return f"""(
        SELECT count(pg_notify('{CHANNEL}', message))
        FROM (SELECT {message} AS message FROM ({news}) AS new GROUP BY session_id) AS told
    )"""  # noqa: S608 - constants
