"""What the store takes: finals at a steady rate through the real writer into a real PostgreSQL, and as many as go.

`python -m bench.store` also copies the same rows by a bare COPY in the same run, which shows what the database and the
machine could do.
"""

import asyncio
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from bench.machine import machine_facts
from bench.measurement import Measurement, Percentiles, Window, summarize
from bench.report import write_results
from gateway.store.bulk import statement_of
from gateway.store.database import Database
from gateway.store.records import (
    Entry,
    PositionRecord,
    Record,
    SegmentRecord,
    SessionRecord,
    SessionState,
    TranslationRecord,
    WordRecord,
)
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.store.spill import SpillFolder
from gateway.store.writer import StoreWriter
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id
from livetranslate.stack.postgres import Postgres

AIM_P99_MS = 50.0
TARGETS = ("es", "ca")
FINALS = 1 + len(TARGETS)  # of a segment

_COMMIT, _PUT, _BARE = "put to durable", "put on the hot path", "beside it: a bare commit of one row"
_BARE_PERIOD_SECONDS = 0.02
_WARM_UP_SECONDS = 2.0
_TEXT = "we have three options and the second one is what I would like to talk about today"
_STATE = secrets.token_bytes(600)  # about what a recognizer's state takes


@dataclass(frozen=True, slots=True)
class Results:
    """Finals per second, and how long each took."""

    session_count: int
    asked_per_second: float
    achieved_per_second: float
    latencies: dict[str, Percentiles]
    most_per_second: float
    copied_per_second: float


def talk(session_id: str) -> Iterator[list[list[Record]]]:
    """What one session puts for each segment: the transcript, its translations with the position behind them."""
    number = start = 0
    while True:
        segment = _segment(session_id, number + 1, start)
        start = segment.end_sample
        finals: list[Record] = [segment]
        finals += [_translation(segment, number + 2 + place, code) for place, code in enumerate(TARGETS)]
        number += FINALS
        yield [*([final] for final in finals), [PositionRecord(session_id, start, _STATE)]]


def _segment(session_id: str, number: int, start: int) -> SegmentRecord:
    length = SAMPLE_RATE_HERTZ // 4
    words = tuple(
        WordRecord(word, start + place * length, start + (place + 1) * length, 0.93)
        for place, word in enumerate(_TEXT.split())
    )
    return SegmentRecord(
        session_id=session_id,
        event_number=number,
        segment_id=segment_id(start),
        start_sample=start,
        end_sample=words[-1].end_sample,
        language_code="en",
        text=_TEXT,
        words=words,
        confidence=0.93,
        model="asr_pocketsphinx",
        lag_ms=612.5,
        hop_times_ms={"asr": 31.5, "asr.triton": 22.25},
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        target_language_codes=TARGETS,
    )


def _translation(segment: SegmentRecord, number: int, language_code: str) -> TranslationRecord:
    return TranslationRecord(
        session_id=segment.session_id,
        event_number=number,
        segment_id=segment.segment_id,
        start_sample=segment.start_sample,
        end_sample=segment.end_sample,
        language_code=language_code,
        text="tenemos tres opciones y la segunda es de la que me gustaría hablar hoy",
        model="mt_apertium",
        lag_ms=650.25,
        hop_times_ms={"mt": 6.5, "mt.triton": 4.0},
        traceparent=segment.traceparent,
    )


class Speaker:
    """One session: puts its finals and measures what becomes of them."""

    def __init__(self, writer: StoreWriter, session_id: str) -> None:
        self._writer = writer
        self._session_id = session_id
        self._segments = talk(session_id)
        self._put_at: dict[int, float] = {}
        self._is_settled = asyncio.Event()
        self.measurements: list[Measurement] = []

    async def play(self, start: float, end: float, period: float) -> None:
        """Puts a segment each period."""
        with self._writer.listening(self._session_id, 1, self._receive_durable, _refuse):
            for at in _moments(start, end, period):
                await asyncio.sleep(at - time.monotonic())
                await self._put_segment()
            await self._settle()

    async def pour(self, count: int) -> None:
        """Puts segments as fast as the writer takes them."""
        with self._writer.listening(self._session_id, 1, self._receive_durable, _refuse):
            for _ in range(count):
                await self._put_segment()
            await self._settle()

    async def _put_segment(self) -> None:
        for records in next(self._segments):
            at = time.monotonic()
            if isinstance(records[0], SegmentRecord | TranslationRecord):
                self._put_at[records[0].event_number] = at
            await self._writer.put(1, records)
            self.measurements.append(Measurement(_PUT, at, time.monotonic() - at))

    def _receive_durable(self, record: Record) -> None:
        if isinstance(record, SegmentRecord | TranslationRecord):
            at = self._put_at.pop(record.event_number)
            self.measurements.append(Measurement(_COMMIT, at, time.monotonic() - at))
            if not self._put_at:
                self._is_settled.set()

    async def _settle(self) -> None:
        while self._put_at:
            self._is_settled.clear()
            await self._is_settled.wait()


async def commit_bare(url: str, window: Window) -> list[Measurement]:
    """Commits a row each 20 ms: what the database and this busy machine take for the least."""
    measurements = []
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE bare (number int)")
    for at in _moments(window.start, window.end, _BARE_PERIOD_SECONDS):
        await asyncio.sleep(at - time.monotonic())
        start = time.monotonic()
        await connection.execute("INSERT INTO bare VALUES (1)")
        measurements.append(Measurement(_BARE, start, time.monotonic() - start))
    await connection.close()
    return measurements


def _moments(start: float, end: float, period: float) -> Iterator[float]:
    at = start
    while at < end:
        yield at
        at += period


def _refuse(record: Record, error: Exception) -> None:
    raise AssertionError(record.session_id) from error


async def open_sessions(table: SessionTable, count: int) -> list[str]:
    """New sessions' ids."""
    session_ids = [secrets.token_urlsafe(16) for _ in range(count)]
    for session_id in session_ids:
        session = SessionRecord(session_id, "bench", SessionState.ACTIVE, "en", TARGETS, datetime.now(UTC))
        await table.insert(session, b"bench", "bench")
    return session_ids


async def play_steadily(
    url: str, writer: StoreWriter, session_ids: Sequence[str], finals_per_second: float, seconds: float
) -> tuple[float, dict[str, Percentiles]]:
    """Finals stored per second, and the latencies, of sessions that take turns evenly."""
    period = FINALS * len(session_ids) / finals_per_second
    start = time.monotonic() + 0.1
    window = Window(start + _WARM_UP_SECONDS, start + _WARM_UP_SECONDS + seconds)
    speakers = [Speaker(writer, session_id) for session_id in session_ids]
    async with asyncio.TaskGroup() as tasks:
        bare = tasks.create_task(commit_bare(url, window))
        for place, speaker in enumerate(speakers):
            tasks.create_task(speaker.play(start + period * place / len(speakers), window.end, period))
    latencies = summarize(chain(bare.result(), *(speaker.measurements for speaker in speakers)), window)
    return latencies[_COMMIT].count / seconds, latencies


async def pour(writer: StoreWriter, session_ids: Sequence[str], segment_count: int) -> float:
    """Finals stored per second when all come at once."""
    start = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        for session_id in session_ids:
            tasks.create_task(Speaker(writer, session_id).pour(segment_count // len(session_ids)))
    return segment_count * FINALS / (time.monotonic() - start)


async def copy_rows(url: str, session_id: str, segment_count: int) -> float:
    """Finals per second of a bare COPY of such rows, converted before, all of a table in one transaction."""
    finals = [records[0] for segment in islice(talk(session_id), segment_count) for records in segment[:FINALS]]
    connection = await asyncpg.connect(url)
    seconds = 0.0
    for table, kind in (("segments", SegmentRecord), ("translations", TranslationRecord)):
        _, (_, ids, _, *columns) = statement_of([Entry(1, final) for final in finals if isinstance(final, kind)])
        rows = list(zip(ids, *columns, strict=True))
        start = time.monotonic()
        await connection.copy_records_to_table(table, records=rows, columns=list(kind.__slots__))
        seconds += time.monotonic() - start
    await connection.close()
    return len(finals) / seconds


async def measure(url: str, folder: Path, session_count: int, finals_per_second: float, seconds: float) -> Results:
    """All measurements, one after the other."""
    database = await Database.open(url)
    await database.migrate()
    table = SessionTable(database)
    async with StoreWriter(SessionLog(database).write, spill=SpillFolder(folder)) as writer:
        session_ids = await open_sessions(table, session_count)
        achieved, latencies = await play_steadily(url, writer, session_ids, finals_per_second, seconds)
        most = await pour(writer, await open_sessions(table, session_count), int(finals_per_second * 5) // FINALS)
    [copied] = await open_sessions(table, 1)
    copy = await copy_rows(url, copied, int(finals_per_second * 5) // FINALS)
    await database.aclose()
    return Results(session_count, finals_per_second, round(achieved, 1), latencies, round(most), round(copy))


def table_of(results: Results) -> Table:
    """The figures for people."""
    title = f"{results.asked_per_second:g} finals/s of {results.session_count} sessions into PostgreSQL"
    table = Table("latency, ms", "count", "p50", "p95", "p99", title=title)
    for name, values in results.latencies.items():
        aim = f" (aim: p99 {AIM_P99_MS:g})" if name == _COMMIT else ""
        figures = (f"{value:,.2f}" for value in (values.p50_ms, values.p95_ms, values.p99_ms))
        table.add_row(name + aim, f"{values.count:,}", *figures)
    table.add_section()
    table.add_row("finals per second: achieved", f"{results.achieved_per_second:,.0f}")
    table.add_row("finals per second: the writer's most", f"{results.most_per_second:,.0f}")
    table.add_row("finals per second: a bare COPY", f"{results.copied_per_second:,.0f}")
    return table


def main(
    sessions: Annotated[int, typer.Option(help="Sessions that speak at a time.")] = 100,
    finals_per_second: Annotated[float, typer.Option(help="Transcripts and translations of all of them.")] = 1000.0,
    seconds: Annotated[float, typer.Option(help="How long the steady rate is measured.")] = 20.0,
) -> None:
    """Measure the store beside a bare COPY."""
    facts = machine_facts()
    with TemporaryDirectory() as folder:
        server = Postgres.start(Path(folder) / "data")
        try:
            results = asyncio.run(measure(server.url, Path(folder) / "spill", sessions, finals_per_second, seconds))
        finally:
            server.stop()
    console = Console(width=120)  # also where the output goes to a file
    console.print(table_of(results))
    path = write_results("store", {"machine": facts, "aim_p99_ms": AIM_P99_MS, "results": results})
    console.print(f"Written to {path}")


if __name__ == "__main__":
    typer.run(main)
