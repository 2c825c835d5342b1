"""A client that plays audio as a microphone would, and writes down everything that comes back."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bench.quality.entry import entry
from bench.quality.material import Material
from bench.quality.session_log import Event, Header, SessionLog
from bench.speech import CHUNK_BYTES, CHUNK_MS
from livetranslate.client import AsyncClient, AsyncSession
from livetranslate.v1 import gateway_pb2, mt_pb2

CHUNK_SECONDS = CHUNK_MS / 1000

Policy = Literal["clauses", "segments", ""]

_POLICIES = {
    "": mt_pb2.TRANSLATION_POLICY_UNSPECIFIED,
    "clauses": mt_pb2.TRANSLATION_POLICY_CLAUSES,
    "segments": mt_pb2.TRANSLATION_POLICY_SEGMENTS,
}


@dataclass(frozen=True, slots=True)
class Play:
    """One session: what is played, and what is asked for."""

    material: Material
    target: str = "es"  # empty: captions only
    policy: Policy = ""
    speech: bool = True
    is_paced: bool = True  # or as fast as the server takes it

    @property
    def targets(self) -> list[gateway_pb2.Target]:
        """What to translate into."""
        target = gateway_pb2.Target(language_code=self.target, speech=self.speech, policy=_POLICIES[self.policy])
        return [target] if self.target else []

    def chunks(self) -> Iterator[bytes]:
        """The audio in chunks of `CHUNK_MS`; the last one may be short."""
        audio = self.material.samples.tobytes()
        return (audio[start : start + CHUNK_BYTES] for start in range(0, len(audio), CHUNK_BYTES))


@dataclass(slots=True)
class _Record:
    """The log as it grows."""

    sent: list[float] = field(default_factory=list)
    events: list[tuple[float, gateway_pb2.SessionEvent]] = field(default_factory=list)

    def log(self, play: Play) -> SessionLog:
        began = self.sent[0]
        header = Header(
            name=play.material.name,
            target=play.target,
            policy=play.policy,
            is_paced=play.is_paced,
            chunk_seconds=CHUNK_SECONDS,
            audio_seconds=round(play.material.seconds, 4),
            sent=tuple(round(at - began, 4) for at in self.sent),
            sentences=play.material.sentences,
        )
        return SessionLog(header, tuple(self._entries(began)))

    def _entries(self, began: float) -> Iterator[Event]:
        return (entry(event, at - began) for at, event in self.events)


async def play_session(address: str, play: Play) -> SessionLog:
    """Speak and listen to the end.

    Raises:
        TranslateError: The session failed; what it has to tell is then worth nothing.
    """
    record = _Record()
    async with (
        AsyncClient(address) as client,
        client.open_session(source="en", targets=play.targets, reconnect_seconds=0) as session,
        asyncio.TaskGroup() as tasks,
    ):
        async for event in session:
            record.events.append((time.monotonic(), event))
            if event.HasField("session_started"):  # opening it is no part of the first sentence's latency
                tasks.create_task(_speak(session, play, record.sent))
    return record.log(play)


async def _speak(session: AsyncSession, play: Play, sent: list[float]) -> None:
    """Send each chunk at its time, whatever comes back and when: an open loop."""
    start = time.monotonic()
    for number, chunk in enumerate(play.chunks()):
        if play.is_paced:
            await asyncio.sleep(start + number * CHUNK_SECONDS - time.monotonic())
        else:
            await session.drain()
        sent.append(time.monotonic())
        await session.send_audio(chunk)
    await session.finish()
