"""One session as a client plays it: audio in real time into the gateway, and the latency of what comes back."""

import asyncio
import time
from contextlib import suppress

from bench.load import Load, Note, Speaker
from bench.speech import CHUNK_SAMPLES
from livetranslate.client import AsyncClient, TranslateError
from livetranslate.client.session import AsyncSession
from livetranslate.v1 import gateway_pb2
from livetranslate.wire import samples_of_duration, seconds_of_duration

OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]
"""Clients do not share connections, so sessions of one process must not either."""

TARGET = "es"

FAILED = "failed: "
"""What the name of a failed session's measurement begins with; the reason follows."""
PARTIAL_LAG = "partial transcript: lag"


async def play_session(load: Load, speaker: Speaker, note: Note) -> None:
    """Speak, listen to the end, and note how late everything came; a session that fails is noted, too."""
    try:
        await _play(load, speaker, note)
    except* TranslateError as errors:
        for error in errors.exceptions:
            note(f"{FAILED}{error}", time.monotonic(), 0)


async def _play(load: Load, speaker: Speaker, note: Note) -> None:
    speech = [TARGET] if load.speech else []
    listener = Listener(note)
    async with (
        AsyncClient(load.address, channel_options=OWN_CONNECTION) as client,
        client.open_session(source="en", targets=[TARGET], speech=speech, reconnect_seconds=0) as session,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(_speak(session, speaker, listener, note))
        async for event in session:
            listener.receive(event, time.monotonic())


async def _speak(session: AsyncSession, speaker: Speaker, listener: "Listener", note: Note) -> None:
    with suppress(TranslateError, asyncio.InvalidStateError):  # over before its time: the listener is told why
        async for chunk in speaker.chunks(note):
            listener.sent.append(time.monotonic())
            await session.send_audio(chunk)
        await session.finish()


class Listener:
    """Notes the latency of each event: as the server tells it (`lag`), and from sending the audio to receiving it."""

    def __init__(self, note: Note) -> None:
        """Begin with nothing sent."""
        self._note = note
        self._final_at: dict[str, float] = {}
        self.sent: list[float] = []  # when each chunk was

    def receive(self, event: gateway_pb2.SessionEvent, now: float) -> None:
        """Note an event."""
        match event.WhichOneof("event"):
            case "transcript":
                self._receive_transcript(event.transcript, now)
            case "translation":
                self._receive_translation(event.translation, now)
            case "speech":
                self._note("speech: lag", now, seconds_of_duration(event.speech.lag))
            case "notice":
                self._note("notice", now, 0)

    def _receive_transcript(self, transcript: gateway_pb2.Transcript, now: float) -> None:
        revision = transcript.revision
        kind = "final transcript" if revision.is_final else "partial transcript"
        self._note(f"{kind}: lag", now, seconds_of_duration(transcript.lag))
        last_chunk = -(-samples_of_duration(revision.end_offset) // CHUNK_SAMPLES) - 1
        self._note(f"{kind}: sent to received", now, now - self.sent[min(last_chunk, len(self.sent) - 1)])
        if revision.is_final:
            self._final_at[revision.segment_id] = now

    def _receive_translation(self, translation: gateway_pb2.Translation, now: float) -> None:
        revision = translation.revision
        kind = "final translation" if revision.is_final else "draft translation"
        self._note(f"{kind}: lag", now, seconds_of_duration(translation.lag))
        if revision.is_final:
            transcribed_at = self._final_at.pop(revision.segment_id)
            self._note("final translation: after its transcript", now, now - transcribed_at)
