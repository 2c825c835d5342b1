"""One running session: it moves facts and work between the client, the core, the hops and the store.

Its tasks: one reads the client, one sends to it, and each hop has one that receives. Where a queue is full the task
that fills it waits, so that a slow reader at one end slows the sender at the other.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial

import structlog

from gateway import messages
from gateway.capabilities import CapabilityFinder, Hops
from gateway.door import AudioDoor
from gateway.events import Event, Notice, NoticeKind, Summary, Target
from gateway.recorder import Recorder
from gateway.session import GatewaySession
from gateway.settings import GatewaySettings
from gateway.stages import Stages
from gateway.store.health import StoreHealth
from gateway.store.writer import StoreWriter
from gateway.trace import SegmentSpans
from gateway.viewers import RunningSession
from livetranslate.errors import (
    DeadlineExceededError,
    InvalidArgumentError,
    LiveTranslateError,
)
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.server import Drain
from livetranslate.streams import reading
from livetranslate.v1 import gateway_pb2

log = structlog.get_logger()

MAX_AUDIO_BYTES = 1024 * 1024

Send = Callable[[gateway_pb2.StreamingTranslateSpeechResponse], Awaitable[None]]


class SessionStream:
    """Serves one client."""

    def __init__(
        self,
        config: gateway_pb2.SessionConfig,
        session: GatewaySession,
        *,
        settings: GatewaySettings,
        door: AudioDoor,
        hops: Hops,
        capabilities: CapabilityFinder,
        writer: StoreWriter,
        store_health: StoreHealth,
        running: RunningSession,
        store_targets: Callable[[list[str]], Coroutine[None, None, None]],
    ) -> None:
        """Serve a session that nobody else touches."""
        self._config = config
        self._session = session
        self._settings = settings
        self._door = door
        self._hops = hops
        self._capabilities = capabilities
        self._store_health = store_health
        self._running = running
        self._store_targets = store_targets
        self._spans = SegmentSpans(session.session_id)
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._recorder = Recorder(session, writer, self._spans, on_news=self._has_news.set)

    async def run(
        self,
        client: AsyncIterator[gateway_pb2.StreamingTranslateSpeechRequest],
        send: Send,
        drain: Drain,
        close_record: Callable[[], Awaitable[None]],
    ) -> None:
        """Serve until the client half-closes or the server is closing, and everything is final, stored and sent."""
        has_ended = asyncio.Event()
        self._has_news.set()  # the session has started
        try:
            async with asyncio.TaskGroup() as tasks:
                stages = Stages(self._config, self._session, self._hops, self._spans, tasks=tasks, apply=self._apply)
                sender = tasks.create_task(self._send_events(send))
                watchers = [tasks.create_task(self._tell_draining(drain)), tasks.create_task(self._tell_outages())]
                await stages.open()
                async with reading(client, partial(self._receive, stages, tasks), has_ended.set, drain.closing):
                    await has_ended.wait()
                await self._flush(stages, may_be_empty=drain.closing.is_set())
                await close_record()
                for watcher in watchers:
                    watcher.cancel()
                await self._apply(self._session.receive_end)
                await sender
        finally:
            self._spans.close()

    # The client

    async def _receive(
        self, stages: Stages, tasks: asyncio.TaskGroup, request: gateway_pb2.StreamingTranslateSpeechRequest
    ) -> None:
        match request.WhichOneof("streaming_request"):
            case "audio":
                await self._recognize(stages, self._door.feed(_checked_audio(request.audio)))
            case "targets":
                targets = messages.targets_from_proto(list(request.targets.targets))
                if await self._receive_targets(targets):
                    await stages.translate()
                    tasks.create_task(self._store_targets([target.language for target in targets]))
            case "flush":
                await stages.flush()
            case "config":
                raise InvalidArgumentError("CONFIG_REPEATED", "`config` was sent twice. Send it once, first.")
            case None:
                raise InvalidArgumentError("REQUEST_EMPTY", "A message was empty. Send `audio`, `targets` or `flush`.")

    async def _recognize(self, stages: Stages, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            self._session.receive_audio(len(piece) // BYTES_PER_SAMPLE, time.monotonic())
            await stages.recognize(piece)

    async def _receive_targets(self, targets: list[Target]) -> bool:
        """Change the targets, all or none: a change that cannot be made is a notice, and the session goes on."""
        try:
            await self._capabilities.check(self._config.source_language_code, targets)
        except LiveTranslateError as error:
            message = f"{error.message} The targets are as before."
            await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.TARGET_REFUSED, message)))
            return False
        await self._apply(lambda: self._session.receive_targets(targets))
        return True

    async def _send_events(self, send: Send) -> None:
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            for event in self._session.events_to_send():
                self._running.show(event)
                await self._send_event(send, event)
                self._has_room.set()
                if isinstance(event.body, Summary):
                    return

    async def _send_event(self, send: Send, event: Event) -> None:
        response = gateway_pb2.StreamingTranslateSpeechResponse(event=messages.event_to_proto(event))
        try:
            async with asyncio.timeout(self._settings.stall_seconds):
                await send(response)
        except TimeoutError:
            message = (
                f"Nothing was read for {self._settings.stall_seconds:g} s. Read the responses while you send audio."
            )
            raise DeadlineExceededError("CLIENT_STALLED", message) from None

    async def _tell_draining(self, drain: Drain) -> None:
        await drain.draining.wait()
        message = "This server is about to stop. The session will be made final and closed; go on at another one."
        await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.DRAINING, message)))

    async def _tell_outages(self) -> None:
        message = "The database does not answer. Captions go on; checkpoints stand still until it is back."
        while True:
            await self._store_health.lost()
            await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.STORE_UNAVAILABLE, message)))
            await self._store_health.well()

    async def _apply(self, receive: Callable[[], None]) -> None:
        """Put a fact into the core, store what it made final, and wait while the client does not read."""
        receive()
        await self._recorder.store()
        self._has_news.set()
        while not self._session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    # The end

    async def _flush(self, stages: Stages, *, may_be_empty: bool) -> None:
        """The audio has ended: the stages finish in order, and the store takes the rest."""
        await self._recognize(stages, self._door.finish())
        if self._door.was_truncated:
            message = "The end of the audio is damaged or missing; everything before it was used."
            await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.AUDIO_TRUNCATED, message)))
        if not self._session.sample_count and not may_be_empty:
            raise InvalidArgumentError(
                "AUDIO_EMPTY", "The stream had no audio in it. Send `audio` before half-closing."
            )
        await stages.finish()
        await self.wait_until_stored()

    async def wait_until_stored(self) -> None:
        """Wait until everything final so far is stored, at the end of the session.

        Raises:
            UnavailableError: The database does not take it in time.
            InternalError: The database has refused some of it, and will not take it later.
        """
        await self._recorder.wait_until_stored(self._settings.store_seconds)


def _checked_audio(audio: bytes) -> bytes:
    if len(audio) > MAX_AUDIO_BYTES:
        message = f"An audio message has {len(audio)} bytes; at most {MAX_AUDIO_BYTES} are allowed. Send smaller ones."
        raise InvalidArgumentError("AUDIO_MESSAGE_TOO_LARGE", message, limit=str(MAX_AUDIO_BYTES))
    return audio
