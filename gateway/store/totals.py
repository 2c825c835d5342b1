"""What is stored of a session, in figures."""

from dataclasses import dataclass

from gateway.store.database import Database

_SELECT = r"""
    SELECT segment.*, (SELECT count(*) FROM translations WHERE session_id = $1) AS translation_count
    FROM (
        SELECT count(*) AS segment_count, coalesce(max(end_sample), 0) AS end_sample,
            coalesce(sum(end_sample - start_sample), 0)::bigint AS speech_samples,
            coalesce(sum(regexp_count(text, '\S+')), 0) AS word_count
        FROM segments WHERE session_id = $1
    ) AS segment
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a session's finals."""

    segment_count: int
    translation_count: int
    word_count: int
    speech_samples: int
    end_sample: int  # where the last segment ends


async def read_totals(database: Database, session_id: str) -> Totals:
    """Sum up what is stored of a session so far.

    Raises:
        UnavailableError: The database does not answer.
    """
    async with database.connection() as connection:
        row = await connection.fetchrow(_SELECT, session_id)
    return Totals(**dict(row or {}))
