"""What happened in the sessions: their finals, positions, targets, audio and speech.

Writes are idempotent: a record that is there already stays as it is, so that a replay changes nothing. Two different
records under one event number are an error, never a silent loss.

A write locks the rows of its sessions, always in the same order, and drops what does not come from a session's owner:
once a session has been taken over, nothing of the owner before is stored any more.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from gateway.store import rows
from gateway.store.bulk import statement_of
from gateway.store.database import Database
from gateway.store.delivery import Owner
from gateway.store.records import AudioRecord, Entry, FinalRecord, SegmentRecord, SpeechRecord

if TYPE_CHECKING:
    import asyncpg


_PAGE_RECORDS = 500
_MAX_UNTRANSLATED_SEGMENTS = 1000
# Half a millisecond's work. Python changes threads every 5 ms: a thread would hold the event loop up for as long, and
# waiting for it takes several times that on a busy machine.
_MAX_ENTRIES_INLINE = 32
_PIECES_AT_ONCE = 16  # audio pieces of a second or so: half a megabyte

_SELECT_UNTRANSLATED = f"""
    SELECT segment.*, missing.language_codes AS missing_language_codes
    FROM segments AS segment CROSS JOIN LATERAL (
        SELECT array_agg(code ORDER BY place) AS language_codes
        FROM jsonb_array_elements_text(segment.target_language_codes) WITH ORDINALITY AS target (code, place)
        WHERE NOT EXISTS (
            SELECT FROM translations AS translation
            WHERE (translation.session_id, translation.segment_id, translation.language_code)
                = (segment.session_id, segment.segment_id, code)
        )
    ) AS missing
    WHERE segment.session_id = $1 AND missing.language_codes IS NOT NULL
    ORDER BY segment.event_number DESC LIMIT {_MAX_UNTRANSLATED_SEGMENTS}
"""  # noqa: S608 - constants
_SELECT_LAST = """
    SELECT * FROM segments WHERE session_id = $1 AND ($2 = '' OR segment_id < $2) ORDER BY segment_id DESC LIMIT $3
"""
_SELECT_AUDIO = """
    SELECT * FROM audio_pieces WHERE session_id = $1 AND start_sample > $2 ORDER BY start_sample LIMIT $3
"""
_SELECT_SPEECH = """
    SELECT * FROM speech_pieces WHERE session_id = $1 AND language_code = $2 AND segment_id > $3
    ORDER BY segment_id LIMIT $4
"""


class SessionLog:
    """The records. Every method raises `UnavailableError` while the database is away."""

    def __init__(self, database: Database) -> None:
        """Works on a database whose schema is up to date."""
        self._database = database

    async def write(self, entries: Sequence[Entry]) -> Collection[Owner]:
        """Stores entries, all or none, and tells viewers of new finals.

        Returns:
            Those who own their sessions no more, or whose sessions are deleted. Nothing of theirs is stored.

        Raises:
            asyncpg.PostgresError: The database refuses one of them, and always will.
        """
        if len(entries) > _MAX_ENTRIES_INLINE:
            sql, arguments = await asyncio.to_thread(statement_of, entries)
        else:
            sql, arguments = statement_of(entries)
        async with self._database.connection() as connection:
            found = await connection.fetch(sql, *arguments)
        owners = {(row["session_id"], row["generation"]) for row in found}
        return {(entry.record.session_id, entry.generation) for entry in entries} - owners

    async def read_records(
        self, session_id: str, after_event_number: int = 0, limit: int | None = None
    ) -> list[FinalRecord]:
        """The session's finals after an event, in the order of events, at most `limit` of them."""
        arguments = (session_id, after_event_number, limit)
        async with (
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            # Both tables as of one moment: a translation must not come without the segment before it.
            segments = await connection.fetch(rows.SELECT_SEGMENTS, *arguments)
            translations = await connection.fetch(rows.SELECT_TRANSLATIONS, *arguments)
        records = await asyncio.to_thread(_merged, segments, translations)  # an hour's talk is some 50 ms of work
        return records[:limit]

    async def records_after(self, session_id: str, event_number: int) -> AsyncIterator[FinalRecord]:
        """All of the session's finals after an event, in order, read page by page."""
        while records := await self.read_records(session_id, event_number, _PAGE_RECORDS):
            for record in records:
                yield record
            event_number = records[-1].event_number

    async def read_untranslated(self, session_id: str) -> list[tuple[SegmentRecord, tuple[str, ...]]]:
        """Segments with the languages whose translations are missing: the newest 1,000 at most, oldest first."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SELECT_UNTRANSLATED, session_id)
        return [(rows.segment_of(row), tuple(row["missing_language_codes"])) for row in reversed(found)]

    async def read_last(self, session_id: str, count: int, before_segment_id: str = "") -> list[SegmentRecord]:
        """The last segments, or the last before one of them, oldest first."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_SELECT_LAST, session_id, before_segment_id, count)
        return [rows.segment_of(row) for row in reversed(found)]

    async def read_audio(self, session_id: str) -> AsyncIterator[AudioRecord]:
        """The session's stored audio, in order, no sample twice; where nothing is stored there is a gap."""
        start, end = -1, 0
        while True:
            async with self._database.connection() as connection:
                found = await connection.fetch(_SELECT_AUDIO, session_id, start, _PIECES_AT_ONCE)
            for piece in map(rows.audio_of, found):
                start = piece.start_sample
                known = max(end - start, 0)  # sent again after a break
                if audio := piece.audio[known * 2 :]:
                    end = start + len(piece.audio) // 2
                    yield AudioRecord(session_id, start + known, audio)
            if len(found) < _PIECES_AT_ONCE:
                return

    async def read_speech(self, session_id: str, language_code: str) -> AsyncIterator[SpeechRecord]:
        """The session's stored speech in one language, segment by segment."""
        last = ""
        while True:
            async with self._database.connection() as connection:
                found = await connection.fetch(_SELECT_SPEECH, session_id, language_code, last, _PIECES_AT_ONCE)
            for piece in map(rows.speech_of, found):
                last = piece.segment_id
                yield piece
            if len(found) < _PIECES_AT_ONCE:
                return


def _merged(segments: Sequence["asyncpg.Record"], translations: Sequence["asyncpg.Record"]) -> list[FinalRecord]:
    """Rows of both tables as records in the order of events."""
    both: Iterator[FinalRecord] = heapq.merge(
        map(rows.segment_of, segments), map(rows.translation_of, translations), key=attrgetter("event_number")
    )
    return list(both)
