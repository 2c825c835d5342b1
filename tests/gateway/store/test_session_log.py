"""The sessions' records on a real PostgreSQL."""

import asyncio
import random
from dataclasses import replace

import asyncpg
import pytest

from gateway.store.database import Database
from gateway.store.records import (
    AudioRecord,
    Entry,
    FinalRecord,
    PositionRecord,
    Record,
    SessionRecord,
    SpeechRecord,
    TargetRecord,
    TargetsRecord,
)
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from livetranslate.stack.postgres import Postgres
from tests.gateway import examples
from tests.gateway.store.listening import listening

TAKE_OVERS = 40


def entries(*records: Record, generation: int = 1) -> list[Entry]:
    return [Entry(generation, record) for record in records]


async def test_records_are_read_as_they_were_written(
    table: SessionTable, session_log: SessionLog, session: SessionRecord
) -> None:
    """Segments and translations come back unchanged, in the order of events, after the event asked for."""
    first = examples.segment(session.session_id, 1, 0)
    second = examples.segment(session.session_id, 3, 1, "it's 5 o'clock: \N{SNOWMAN} \\ ' \"")
    records: list[FinalRecord] = [first, examples.translation(first, 2), second, examples.translation(second, 4)]
    assert await session_log.write(entries(records[2], records[1], records[3], records[0])) == set()
    assert await session_log.read_records(session.session_id) == records
    assert await session_log.read_records(session.session_id, after_event_number=2) == records[2:]
    assert await session_log.read_records(session.session_id, 1, limit=2) == records[1:3]
    stored = await table.get(session.session_id)
    assert (stored.segment_count, stored.sample_count) == (2, second.end_sample)


async def test_writing_again_changes_nothing(session_log: SessionLog, session: SessionRecord) -> None:
    """A replayed record, even with another text, leaves what is stored."""
    segment = examples.segment(session.session_id, 1)
    await session_log.write(entries(segment, examples.translation(segment, 2)))
    await session_log.write(entries(replace(segment, text="good evening"), examples.translation(segment, 2)))
    assert await session_log.read_records(session.session_id) == [segment, examples.translation(segment, 2)]


async def test_two_records_of_one_event_number_are_an_error(session_log: SessionLog, session: SessionRecord) -> None:
    """Another segment under a number that is taken is refused, and nothing of its batch is stored."""
    await session_log.write(entries(examples.segment(session.session_id, 1, 0)))
    second, third = examples.segment(session.session_id, 2, 1), examples.segment(session.session_id, 1, 2)
    with pytest.raises(asyncpg.UniqueViolationError):
        await session_log.write(entries(second, third, PositionRecord(session.session_id, 48_000, b"")))
    assert len(await session_log.read_records(session.session_id)) == 1


async def test_what_has_no_session_is_superseded(session_log: SessionLog, session: SessionRecord) -> None:
    """Records of a session that does not exist are dropped; those beside them are stored."""
    kept = examples.segment(session.session_id, 1)
    assert await session_log.write(entries(examples.segment("nobody", 1), kept)) == {("nobody", 1)}
    assert await session_log.read_records(session.session_id) == [kept]


async def test_a_position_never_goes_back(table: SessionTable, session_log: SessionLog, session: SessionRecord) -> None:
    """The newest position counts, in one write and in a replay; it tells how much audio there is, too."""
    key = session.session_id
    await session_log.write(entries(PositionRecord(key, 32_000, b"second"), PositionRecord(key, 16_000, b"first")))
    await session_log.write(entries(PositionRecord(key, 16_000, b"first")))
    taken = await table.take_over(key, examples.TOKEN_HASH, "other")
    assert (taken.position_sample, taken.position_state) == (32_000, b"second")
    assert taken.session.sample_count == 32_000


async def test_targets_change_and_their_languages_add_up(
    table: SessionTable, session_log: SessionLog, session: SessionRecord
) -> None:
    """The newest targets are those of now; the languages of all stay, in the order in which they came."""
    key = session.session_id
    french, catalan = TargetRecord("fr"), TargetRecord("ca", speech=True, voice="ca-female")
    await session_log.write(entries(TargetsRecord(key, (french, *session.targets)), TargetsRecord(key, (catalan,))))
    stored = await table.get(key)
    assert (stored.targets, stored.target_language_codes) == ((catalan,), ("es", "fr", "ca"))
    await session_log.write(entries(TargetsRecord(key, ()), PositionRecord(key, 16_000, b"state")))
    stored = await table.get(key)
    assert (stored.targets, stored.target_language_codes) == ((), ("es", "fr", "ca"))
    assert stored.sample_count == 16_000


async def test_what_is_not_translated_yet(session_log: SessionLog, session: SessionRecord) -> None:
    """Segments come with the languages whose translations are missing, oldest first."""
    wanted = ("es", "fr")
    first, second, third = (
        replace(examples.segment(session.session_id, number, number), target_language_codes=wanted)
        for number in (1, 2, 3)
    )
    other = replace(examples.translation(first, 5), language_code="fr")
    none = replace(examples.segment(session.session_id, 6, 6), target_language_codes=())
    await session_log.write(
        entries(first, second, third, examples.translation(first, 4), other, none, examples.translation(third, 7))
    )
    assert await session_log.read_untranslated(session.session_id) == [(second, wanted), (third, ("fr",))]


async def test_the_last_segments(session_log: SessionLog, session: SessionRecord) -> None:
    """They come oldest first, also those before a segment."""
    segments = examples.segments(4, session.session_id)
    await session_log.write(entries(*segments))
    assert await session_log.read_last(session.session_id, 2) == segments[2:]
    assert await session_log.read_last(session.session_id, 2, segments[3].segment_id) == segments[1:3]
    assert await session_log.read_last(session.session_id, 2, segments[0].segment_id) == []


async def test_audio_comes_back_without_a_sample_twice(session_log: SessionLog, session: SessionRecord) -> None:
    """Pieces that were cut elsewhere after a break are joined; a gap stays one."""
    audio = random.Random(1).randbytes(2 * 1000)
    cuts = [(0, 300), (300, 350), (200, 450), (300, 600), (310, 320), (600, 700), (600, 650), (800, 1000)]
    for start, end in cuts:
        await session_log.write(entries(AudioRecord(session.session_id, start, audio[2 * start : 2 * end])))
    await session_log.write(entries(*(AudioRecord(session.session_id, 0, bytes(2)) for _ in range(2))))
    pieces = [piece async for piece in session_log.read_audio(session.session_id)]
    for piece in pieces:
        start = 2 * piece.start_sample
        assert piece.audio == audio[start : start + len(piece.audio)]
    covered = [
        sample for piece in pieces for sample in range(piece.start_sample, piece.start_sample + len(piece.audio) // 2)
    ]
    assert covered == [*range(700), *range(800, 1000)]


async def test_long_audio_comes_piece_by_piece(session_log: SessionLog, session: SessionRecord) -> None:
    """More pieces than are read at once come all, in order."""
    pieces = [AudioRecord(session.session_id, 10 * number, bytes([number] * 20)) for number in range(50)]
    await session_log.write(entries(*reversed(pieces)))
    assert [piece async for piece in session_log.read_audio(session.session_id)] == pieces


async def test_speech_comes_back_language_by_language(session_log: SessionLog, session: SessionRecord) -> None:
    """The speech of one language comes in the order of segments, each once."""
    spoken = [
        SpeechRecord(session.session_id, f"{number:012}", "es", 22_050, bytes([number] * 4)) for number in range(20)
    ]
    other = replace(spoken[0], language_code="fr")
    await session_log.write(entries(*reversed(spoken), other))
    await session_log.write(entries(replace(spoken[3], audio=b"")))
    assert [piece async for piece in session_log.read_speech(session.session_id, "es")] == spoken
    assert [piece async for piece in session_log.read_speech(session.session_id, "fr")] == [other]
    assert [piece async for piece in session_log.read_speech(session.session_id, "ca")] == []


async def test_viewers_are_told_of_new_finals_only(
    session_log: SessionLog, session: SessionRecord, postgres: Postgres
) -> None:
    """One message a write and session, with the newest number; none for a replay or for what is no final."""
    segment = examples.segment(session.session_id, 1)
    written = entries(segment, examples.translation(segment, 2))
    async with listening(postgres.url, session.session_id) as messages:
        await session_log.write(written)
        await session_log.write(written)
        await session_log.write(entries(PositionRecord(session.session_id, 16_000, b"")))
    assert messages == [{"kind": "stored", "session_id": session.session_id, "event_number": 2}]


async def test_only_the_owner_writes(table: SessionTable, session_log: SessionLog, session: SessionRecord) -> None:
    """Nothing of an older generation is stored, of any kind; the owner's beside it is."""
    key = session.session_id
    await table.take_over(key, examples.TOKEN_HASH, "other")
    segment = examples.segment(key, 1)
    late = entries(
        segment,
        examples.translation(segment, 2),
        PositionRecord(key, 16_000, b"late"),
        TargetsRecord(key, ()),
        AudioRecord(key, 0, bytes(64)),
        SpeechRecord(key, segment.segment_id, "es", 22_050, bytes(2)),
    )
    mine = examples.segment(key, 1, 5)
    owned = entries(mine, PositionRecord(key, 8_000, b"mine"), AudioRecord(key, 0, bytes(32)), generation=2)
    assert await session_log.write([*late, *owned]) == {(key, 1)}
    assert await session_log.read_records(key) == [mine]
    assert [len(piece.audio) async for piece in session_log.read_audio(key)] == [32]
    assert [piece async for piece in session_log.read_speech(key, "es")] == []
    taken = await table.take_over(key, examples.TOKEN_HASH, "third")
    assert (taken.position_state, taken.session.targets) == (b"mine", session.targets)


async def test_after_a_take_over_nothing_of_the_owner_before_appears(
    table: SessionTable, session_log: SessionLog, session: SessionRecord
) -> None:
    """While all owners go on writing, what is stored when a take-over returns is all there ever is of those before."""
    key, numbers = session.session_id, iter(range(1, 100_000))
    seen: dict[int, list[int]] = {}  # the events stored when a generation was taken over

    async def write_for_ever(generation: int) -> None:
        while True:
            number = next(numbers)
            segment = replace(examples.segment(key, number, number), model=str(generation))
            if await session_log.write(entries(segment, PositionRecord(key, number, b""), generation=generation)):
                return

    async with asyncio.TaskGroup() as tasks:
        for generation in range(1, TAKE_OVERS):
            tasks.create_task(write_for_ever(generation))
            tasks.create_task(write_for_ever(generation))
            await session_log.write(entries(PositionRecord(key, 0, b""), generation=generation))
            taken = await table.take_over(key, examples.TOKEN_HASH, "other")
            assert taken.generation == generation + 1
            seen[generation] = [record.event_number for record in await session_log.read_records(key)]
    stored = await session_log.read_records(key)
    assert len({record.model for record in stored}) > 1
    for record in stored:
        assert record.event_number in seen[int(record.model)]


async def test_owners_and_others_never_wait_for_each_other(database: Database, table: SessionTable) -> None:
    """Writers of many sessions at once, in any order, with take-overs, suspensions and ends between: no deadlock."""
    sessions = [examples.session() for _ in range(8)]
    for session in sessions:
        await table.insert(session, examples.TOKEN_HASH, examples.REPLICA)
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    async with database.connection() as connection:
        before = await connection.fetchval(deadlocks)
    logs = [SessionLog(database) for _ in range(4)]

    async def write(log: SessionLog, seed: int) -> None:
        order = random.Random(seed)
        for number in range(1, 30):
            keys = [session.session_id for session in sessions]
            order.shuffle(keys)
            await log.write([Entry(1 + number // 10, PositionRecord(key, number, b"")) for key in keys])

    async def disturb() -> None:
        for session in sessions * 2:
            await table.take_over(session.session_id, examples.TOKEN_HASH, "other")
            await table.suspend(session.session_id, 2, window_seconds=60, sample_count=0)

    await asyncio.gather(*(write(log, seed) for seed, log in enumerate(logs)), disturb())
    async with database.connection() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        assert await connection.fetchval(deadlocks) == before
