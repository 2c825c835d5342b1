"""One running session: it moves facts and work between the client, the core, the stages and the store.

Its tasks: one reads the client, one sends to it, each stage has one that receives, and some wait for what ends the
session early. Where a queue is full the task that fills it waits, so that a slow reader at one end slows the sender at
the other.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from functools import partial

from gateway import messages
from gateway.capabilities import CapabilityFinder, Hops
from gateway.cloning import check_cloning
from gateway.degradation import Degradation
from gateway.door import MAX_PIECE_BYTES, AudioDoor
from gateway.events import Event, Notice, NoticeKind, Summary
from gateway.opening import Opened
from gateway.pressure_watch import PressureWatch
from gateway.recorder import Recorder
from gateway.reference import Reference
from gateway.session import GatewaySession
from gateway.session_metrics import SessionMetrics
from gateway.settings import GatewaySettings
from gateway.stages.context import StageContext
from gateway.stages.stages import Stages
from gateway.store.health import StoreHealth
from gateway.store.writer import StoreWriter
from gateway.targets import targets_from_proto
from gateway.trace import SegmentSpans
from gateway.viewers import RunningSession
from gateway.vigil import Vigil
from livetranslate.breakers import Breakers
from livetranslate.errors import (
    DeadlineExceededError,
    InvalidArgumentError,
    LiveTranslateError,
)
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ
from livetranslate.server import Drain
from livetranslate.streams import reading
from livetranslate.v1 import gateway_pb2

MAX_AUDIO_BYTES = 1024 * 1024

Send = Callable[[gateway_pb2.StreamingTranslateSpeechResponse], Awaitable[None]]


class SessionStream:
    """Serves one client."""

    def __init__(
        self,
        opened: Opened,
        session: GatewaySession,
        *,
        settings: GatewaySettings,
        door: AudioDoor,
        hops: Hops,
        breakers: Breakers,
        capabilities: CapabilityFinder,
        writer: StoreWriter,
        store_health: StoreHealth,
        pressure_watch: PressureWatch,
        running: RunningSession,
        is_superseded: asyncio.Event,
        missed: AsyncIterator[Event],
        metrics: SessionMetrics,
        codec_threads: Executor,
    ) -> None:
        """Serve a session that nobody else touches; `missed` is what the client has to be told first."""
        self._opened = opened
        self._session = session
        self._settings = settings
        self._door = door
        self._hops = hops
        self._breakers = breakers
        self._capabilities = capabilities
        self._pressure_watch = pressure_watch
        self._running = running
        self._missed = missed
        self._metrics = metrics
        self._codec_threads = codec_threads
        self._spans = SegmentSpans(session.session_id)
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._unneeded_bytes = max(0, session.position.sample - opened.audio_sample) * BYTES_PER_SAMPLE
        self._targets_meanwhile: gateway_pb2.TargetsUpdate | None = None  # the newest, while unneeded audio comes
        self._recorder = Recorder(
            session,
            opened.generation,
            writer,
            self._spans,
            metrics,
            stores_audio=opened.record.store_audio,
            stores_speech=opened.record.store_speech,
            on_news=self._note_news,
            on_durable=running.show,
            is_superseded=is_superseded,
        )
        self._vigil = Vigil(session.session_id, settings, self._recorder, store_health, self._tell)

    def listening(self) -> AbstractContextManager[None]:
        """Hear from the store while the block runs: it is to hold until the session is let go."""
        return self._recorder.listening()

    async def run(
        self,
        client: AsyncIterator[gateway_pb2.StreamingTranslateSpeechRequest],
        send: Send,
        drain: Drain,
        complete: Callable[[], Awaitable[None]],
    ) -> None:
        """Serve until the client half-closes, or a limit is reached, and everything is final, stored and sent.

        Raises:
            AbortedError: The session was taken over.
            UnavailableError: The server stops, or something that the session needs is away; it may be resumed.
        """
        audio_ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                stages = Stages(self._context(), tasks)
                sender = tasks.create_task(self._send_events(send))
                self._vigil.begin(tasks, drain)
                degrading = tasks.create_task(self._degrade(stages))
                await stages.open()
                await self._fill_gap(stages)
                receive = partial(self._receive, stages)
                async with reading(client, receive, audio_ended.set, self._vigil.is_ending):
                    await audio_ended.wait()
                self._vigil.audio_has_ended()
                await self._flush(stages)
                await complete()
                self._vigil.end()
                degrading.cancel()
                await self._apply(self._session.receive_end)
                await sender
        finally:
            self._spans.close()

    def _context(self) -> StageContext:
        return StageContext(
            source_language=self._opened.record.source_language_code,
            options=self._opened.options,
            session=self._session,
            reference=Reference(is_wanted=self._settings.voice_cloning and self._opened.options.voice_cloning_consent),
            recorder=self._recorder,
            hops=self._hops,
            breakers=self._breakers,
            spans=self._spans,
            codec_threads=self._codec_threads,
            apply=self._apply,
            receive_load=self._pressure_watch.receive,
            patience_seconds=self._settings.hop_patience_seconds,
            opens_early=self._settings.keeper_url is not None,
        )

    async def _degrade(self, stages: Stages) -> None:
        """Leave out what the pressure does not allow, and tell the client."""
        degradation = Degradation.NONE
        while True:
            degradation = await self._pressure_watch.other_than(degradation)
            stages.recognition.degrade(degradation)
            await self._apply(partial(self._session.receive_degradation, degradation))

    # The client

    async def _receive(self, stages: Stages, request: gateway_pb2.StreamingTranslateSpeechRequest) -> None:
        match request.WhichOneof("streaming_request"):
            case "audio":
                await self._recognize(stages, self._door.feed(_checked_audio(request.audio)))
                await self._vigil.receive_audio(self._session.sample_count)
            case "targets" if self._unneeded_bytes:
                self._targets_meanwhile = request.targets
            case "targets":
                await self._receive_targets(stages, request.targets)
            case "flush":
                if not self._unneeded_bytes:  # otherwise it has had its effect before the break
                    await stages.recognition.flush()
            case "config" | "resume" as repeated:
                message = f"`{repeated}` came after the first message. Send `config` or `resume` once, first."
                raise InvalidArgumentError("CONFIG_REPEATED", message)
            case None:
                raise InvalidArgumentError("REQUEST_EMPTY", "A message was empty. Send `audio`, `targets` or `flush`.")

    async def _recognize(self, stages: Stages, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            self._metrics.receive_audio(len(piece))
            unneeded = min(self._unneeded_bytes, len(piece))
            self._unneeded_bytes -= unneeded
            if not self._unneeded_bytes and (update := self._targets_meanwhile):
                self._targets_meanwhile = None
                await self._receive_targets(stages, update)
            if audio := piece[unneeded:]:
                await self._recognize_piece(stages, audio)

    async def _recognize_piece(self, stages: Stages, audio: bytes) -> None:
        self._session.receive_audio(len(audio) // BYTES_PER_SAMPLE, time.monotonic())
        await stages.recognition.receive_audio(audio)

    async def _fill_gap(self, stages: Stages) -> None:
        """Audio that the client does not have any more counts as silence: the clock must not stand still."""
        lost_bytes = (self._opened.audio_sample - self._session.position.sample) * BYTES_PER_SAMPLE
        if lost_bytes <= 0:
            return
        seconds = lost_bytes / BYTES_PER_SAMPLE / SAMPLE_RATE_HERTZ
        message = f"{seconds:.1f} s of audio were not sent again; words in them are lost."
        await self._tell(Notice(NoticeKind.AUDIO_LOST, message))
        for start in range(0, lost_bytes, MAX_PIECE_BYTES):
            await self._recognize_piece(stages, bytes(min(MAX_PIECE_BYTES, lost_bytes - start)))
        await self._vigil.receive_audio(self._session.sample_count)

    async def _receive_targets(self, stages: Stages, update: gateway_pb2.TargetsUpdate) -> None:
        """Change the targets, all or none: a change that cannot be made is a notice, and the session goes on."""
        try:
            targets = targets_from_proto(update.targets)
            source, options = self._opened.record.source_language_code, self._opened.options
            has_consent, is_allowed = options.voice_cloning_consent, self._settings.voice_cloning
            check_cloning(targets, has_consent=has_consent, is_allowed=is_allowed)
            await self._capabilities.check(source, targets, options.candidates)
        except LiveTranslateError as error:
            message = f"{error.message} The targets are as before."
            await self._tell(Notice(NoticeKind.TARGET_REFUSED, message))
        else:
            await self._apply(lambda: self._session.receive_targets(targets))
            await stages.change_targets()

    async def _send_events(self, send: Send) -> None:
        await self._send_event(send, Event(0, self._opened.started))
        async for event in self._missed:
            await self._send_event(send, event)
        while True:
            for event in self._session.events_to_send():
                if not event.is_stored:  # viewers are shown finals when they are durable
                    self._running.show(event)
                await self._send_event(send, event)
                self._metrics.receive_told(event.body)
                self._has_room.set()
                if isinstance(event.body, Summary):
                    return
            await self._has_news.wait()
            self._has_news.clear()

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

    async def _apply(self, receive: Callable[[], None]) -> None:
        """Put a fact into the core, store what it made final, and wait while the core has no room."""
        receive()
        await self._recorder.store()
        self._has_news.set()
        while not self._session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    async def _tell(self, notice: Notice) -> None:
        await self._apply(lambda: self._session.receive_notice(notice))

    def _note_news(self) -> None:
        """The store has taken something: there may be something to send, and room."""
        self._has_news.set()
        self._has_room.set()

    # The end

    async def _flush(self, stages: Stages) -> None:
        """The audio has ended: the stages finish in order, and the store takes the rest."""
        await self._recognize(stages, self._door.finish())
        if self._door.was_truncated:
            message = "The end of the audio is damaged or missing; everything before it was used."
            await self._tell(Notice(NoticeKind.AUDIO_TRUNCATED, message))
        if not self._session.sample_count and not self._vigil.is_ending.is_set():
            raise InvalidArgumentError(
                "AUDIO_EMPTY", "The stream had no audio in it. Send `audio` before half-closing."
            )
        await stages.finish()
        await self._apply(self._session.receive_audio_end)
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
