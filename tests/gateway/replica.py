"""A gateway replica as far as viewers see it: its bus, its feeds and the store. Several share one database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from gateway.events import Event, Transcript
from gateway.store.bus import APPLICATION_NAME, SessionBus
from gateway.store.database import Database
from gateway.store.records import Entry, FinalRecord
from gateway.store.session_log import SessionLog
from gateway.stored import event_of
from gateway.viewers import RunningSession, Viewers
from gateway.watch import Watcher
from livetranslate.samples import SAMPLE_RATE_HERTZ, segment_id
from livetranslate.v1 import asr_pb2, gateway_pb2, types_pb2


@dataclass
class Replica:
    """What one process has."""

    bus: SessionBus
    viewers: Viewers
    watcher: Watcher

    async def wanted(self, session_id: str) -> None:
        """Wait until another replica has asked for what happens in a session."""
        await until(lambda: self.bus.is_wanted(session_id))

    @asynccontextmanager
    async def watching(self, session_id: str, after: int = 0) -> AsyncIterator["Viewer"]:
        """Somebody who follows a session here."""
        async with aclosing(self.watcher.watch(session_id, after)) as responses:
            yield Viewer(responses)


@dataclass
class Viewer:
    """Takes one event after the other."""

    responses: AsyncIterator[gateway_pb2.WatchSessionResponse]

    async def next(self) -> gateway_pb2.SessionEvent:
        async with asyncio.timeout(60):
            return (await anext(self.responses)).event

    async def numbers(self, count: int) -> list[int]:
        return [(await self.next()).event_number for _ in range(count)]

    async def texts(self, count: int) -> list[str]:
        return [text_of(await self.next()) for _ in range(count)]

    async def rest(self) -> list[gateway_pb2.SessionEvent]:
        async with asyncio.timeout(60):
            return [response.event async for response in self.responses]


@asynccontextmanager
async def replica(database: Database, url: str) -> AsyncIterator[Replica]:
    """A replica that is connected to the others while the block runs."""
    bus = SessionBus(url)
    viewers = Viewers(bus)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(bus.run())
        await bus.connected()
        yield Replica(bus, viewers, Watcher(database, viewers))
        running.cancel()


async def store(
    log: SessionLog, *records: FinalRecord, generation: int = 1, shown: RunningSession | None = None
) -> None:
    """Store finals and, where their session runs in this test, show them to its viewers."""
    await log.write([Entry(generation, record) for record in records])
    if shown is not None:
        for record in records:
            shown.show(event_of(record))


def partial(second: int, text: str) -> Event:
    """What a segment may become, with a word as it has been heard."""
    start = second * SAMPLE_RATE_HERTZ
    revision = asr_pb2.TranscriptRevision(
        segment_id=segment_id(start), unstable_text=text, words=[types_pb2.Word(text=text)]
    )
    return Event(0, Transcript(segment_id(start), start, start + SAMPLE_RATE_HERTZ, "", text, False, revision))


def text_of(event: gateway_pb2.SessionEvent) -> str:
    """What a transcript says, final or not."""
    revision = event.transcript.revision
    return revision.committed_text + revision.unstable_text


async def until(holds: Callable[[], bool]) -> None:
    """Let the others go on until something holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)


async def break_connections(url: str) -> int:
    """End the connections of all buses; how many there were."""
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", APPLICATION_NAME
        )
    finally:
        await connection.close()
    return len(found)
