"""One session of a run: spoken in real time through the SDK, everything that its caller sees kept."""

import asyncio
import time
from dataclasses import dataclass, field

from livetranslate.client import AsyncClient, AsyncSession
from tests.chaos.captions import Captions
from tests.chaos.speech import CHUNK_SECONDS, chunks_of
from tests.gateway.told import Told

TARGET = "es"

_READ_SECONDS = 10.0  # a session that was never ended is watched without end


@dataclass
class Session:
    """What was said, and what came back.

    Attributes:
        stored: What anybody can read of it at the end, from the database.
        failure: What the SDK raised, where it gave up.
    """

    name: str
    audio: bytes
    told: Told = field(default_factory=Told)
    captions: Captions = field(default_factory=Captions)
    stored: Told = field(default_factory=Told)
    failure: str = ""
    is_said: bool = False
    """Whether all audio has been sent."""
    is_over: bool = False
    """Whether the summary has come."""

    async def play(self, addresses: str, *, is_paced: bool) -> None:
        """Speak to the end and listen to the end."""
        async with AsyncClient(addresses) as client:
            opened = client.open_session(source="en", targets=[TARGET], speech=[TARGET], title=self.name)
            async with opened as session, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._speak(session, is_paced=is_paced))
                async for event in session:
                    self.told.events.append(event)
                    self.captions.receive(event, time.monotonic())
        self.is_over = True

    async def read(self, addresses: str) -> None:
        """Read what is stored, as far as it is."""
        async with asyncio.timeout(_READ_SECONDS), AsyncClient(addresses) as client:
            async for event in client.watch(self.told.session_id):
                self.stored.events.append(event)

    async def _speak(self, session: AsyncSession, *, is_paced: bool) -> None:
        due = time.monotonic()
        for chunk in chunks_of(self.audio):
            due += CHUNK_SECONDS
            if is_paced:
                await asyncio.sleep(due - time.monotonic())
            await session.send_audio(chunk)
        self.is_said = True
        await session.finish()
