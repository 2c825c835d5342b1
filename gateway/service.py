"""The gRPC shell of live translation: opens and closes sessions; `gateway.stream` runs them."""

import asyncio
import importlib.metadata
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import Executor
from contextlib import aclosing, closing
from functools import partial

import grpc
import structlog

from gateway import messages
from gateway.admission import Admission
from gateway.capabilities import CapabilityFinder, Hops
from gateway.door import AudioDoor
from gateway.events import Event
from gateway.metrics import TAKEN_OVER, GatewayMetrics, Opening
from gateway.opening import Opened, Opener
from gateway.preparation import need_nothing, prepare
from gateway.pressure_watch import PressureWatch
from gateway.session import GatewaySession
from gateway.settings import GatewaySettings
from gateway.store.database import Database
from gateway.store.health import StoreHealth
from gateway.store.records import SessionState
from gateway.store.session_log import SessionLog
from gateway.store.session_table import SessionTable
from gateway.store.writer import StoreWriter
from gateway.stored import event_of
from gateway.stream import Send, SessionStream
from gateway.viewers import Viewers
from gateway.watch import Watcher
from livetranslate.answers import answers_of
from livetranslate.breakers import Breakers
from livetranslate.errors import AbortedError, CallerError, InvalidArgumentError, LiveTranslateError
from livetranslate.interceptor import first_error
from livetranslate.server import Drain
from livetranslate.streams import first_request
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc

log = structlog.get_logger()

ANSWERS_WAITING = 8  # for a slow reader; further events wait in the core, where partials give way to newer ones

Requests = AsyncIterator[gateway_pb2.StreamingTranslateSpeechRequest]
Responses = AsyncIterator[gateway_pb2.StreamingTranslateSpeechResponse]
StreamContext = grpc.aio.ServicerContext[
    gateway_pb2.StreamingTranslateSpeechRequest, gateway_pb2.StreamingTranslateSpeechResponse
]
WatchContext = grpc.aio.ServicerContext[gateway_pb2.WatchSessionRequest, gateway_pb2.WatchSessionResponse]
CapabilitiesContext = grpc.aio.ServicerContext[gateway_pb2.GetCapabilitiesRequest, gateway_pb2.GetCapabilitiesResponse]


class LiveTranslateService(gateway_pb2_grpc.LiveTranslateServiceServicer):
    """Answers `livetranslate.v1.LiveTranslateService`."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        replica_id: str,
        hops: Hops,
        breakers: Breakers,
        database: Database,
        writer: StoreWriter,
        store_health: StoreHealth,
        viewers: Viewers,
        admission: Admission,
        pressure_watch: PressureWatch,
        metrics: GatewayMetrics,
        decoder_threads: Executor,
        drain: Drain,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._hops = hops
        self._breakers = breakers
        self._capabilities = CapabilityFinder(hops, has_cloning=settings.voice_cloning)
        preparing = partial(prepare, hops) if settings.keeper_url else need_nothing
        self._opener = Opener(settings, self._capabilities, database, replica_id, preparing)
        self._table = SessionTable(database)
        self._log = SessionLog(database)
        self._watcher = Watcher(database, viewers)
        self._writer = writer
        self._store_health = store_health
        self._viewers = viewers
        self._admission = admission
        self._pressure_watch = pressure_watch
        self._metrics = metrics
        self._decoder_threads = decoder_threads
        self._drain = drain

    async def StreamingTranslateSpeech(self, requests: Requests, context: StreamContext) -> Responses:
        """Translate one session."""
        del context
        async with aclosing(answers_of(partial(self.serve, requests), size=ANSWERS_WAITING)) as answers:
            async for answer in answers:
                yield answer

    async def serve(self, requests: Requests, send: Send) -> None:
        """Serve one session, whatever door its client came through; where `send` waits, the session does, too."""
        with self._metrics.opening() as opening, self._drain.stream():
            await self._serve(requests, opening, send)

    async def WatchSession(
        self, request: gateway_pb2.WatchSessionRequest, context: WatchContext
    ) -> AsyncIterator[gateway_pb2.WatchSessionResponse]:
        """Follow a session."""
        del context
        followed = self._watcher.watch(request.session_id, request.after_event_number)
        async with aclosing(followed) as responses:
            async for response in responses:
                yield response

    async def GetCapabilities(
        self, request: gateway_pb2.GetCapabilitiesRequest, context: CapabilitiesContext
    ) -> gateway_pb2.GetCapabilitiesResponse:
        """Tell what can be done."""
        del request, context
        found = await self._capabilities.find()
        return gateway_pb2.GetCapabilitiesResponse(
            recognizers=found.recognizers,
            translators=found.translators,
            voices=found.voices,
            version=importlib.metadata.version("livetranslate"),
            max_message_size_bytes=self._settings.max_message_bytes,
        )

    async def _serve(self, requests: Requests, opening: Opening, send: Send) -> None:
        request = await first_request(requests)
        with self._admission.place(request.resume.session_id):
            opened = await self._open(request)
            opening.has_succeeded = True
            if opened.session is None:
                await self._tell_missed(opened, send)
            else:
                await self._run(opened, opened.session, requests, send)

    async def _open(self, request: gateway_pb2.StreamingTranslateSpeechRequest) -> Opened:
        match request.WhichOneof("streaming_request"):
            case "config":
                return await self._opener.open(request.config)
            case "resume":
                return await self._opener.resume(request.resume)
            case _:
                raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config` or `resume`.")

    async def _run(self, opened: Opened, session: GatewaySession, requests: Requests, send: Send) -> None:
        session_id = session.session_id
        is_superseded = asyncio.Event()
        with (
            self._admission.running(session_id, opened.generation, is_superseded),
            closing(AudioDoor(opened.audio_format, self._decoder_threads)) as door,
            self._viewers.session(session_id) as running,
            self._metrics.running(session, is_resumed=opened.started.is_resumed) as metrics,
        ):
            stream = SessionStream(
                opened,
                session,
                settings=self._settings,
                door=door,
                hops=self._hops,
                breakers=self._breakers,
                capabilities=self._capabilities,
                writer=self._writer,
                store_health=self._store_health,
                pressure_watch=self._pressure_watch,
                running=running,
                is_superseded=is_superseded,
                missed=self._missed(opened),
                metrics=metrics,
                codec_threads=self._decoder_threads,
            )
            log.info("session resumed" if opened.started.is_resumed else "session started", session_id=session_id)
            with stream.listening():
                try:
                    await stream.run(requests, send, self._drain, partial(self._complete, opened, session))
                except BaseException as error:
                    await asyncio.shield(self._let_go(opened, session, stream, first_error(error)))
                    raise

    async def _tell_missed(self, opened: Opened, send: Send) -> None:
        """The session has been completed, and its client has not heard of it."""
        started = messages.event_to_proto(Event(0, opened.started))
        await send(gateway_pb2.StreamingTranslateSpeechResponse(event=started))
        followed = self._watcher.watch(opened.record.session_id, opened.after_event_number)
        async with aclosing(followed) as responses:
            async for response in responses:
                await send(gateway_pb2.StreamingTranslateSpeechResponse(event=response.event))

    async def _missed(self, opened: Opened) -> AsyncGenerator[Event, None]:
        """The stored finals that a client which resumes does not have."""
        if opened.after_event_number < opened.started.last_event_number:
            async for record in self._log.records_after(opened.record.session_id, opened.after_event_number):
                yield event_of(record)

    async def _complete(self, opened: Opened, session: GatewaySession) -> None:
        await self._finish(opened, session, SessionState.COMPLETED)
        self._metrics.note_ending(session, SessionState.COMPLETED)
        log.info("session completed", session_id=session.session_id)

    async def _let_go(
        self, opened: Opened, session: GatewaySession, stream: SessionStream, error: BaseException
    ) -> None:
        """A stream was broken off: the session may be resumed, unless its client is to blame."""
        if isinstance(error, AbortedError):
            self._metrics.note_ending(session, TAKEN_OVER)
            log.info("session taken over", session_id=session.session_id)
            return
        is_over = isinstance(error, CallerError) or not self._settings.resume_seconds
        state = SessionState.INTERRUPTED if is_over else SessionState.SUSPENDED
        self._metrics.note_ending(session, state)
        log.info("stream broken off", session_id=session.session_id, state=state.value)
        try:
            await stream.wait_until_stored()
        except LiveTranslateError as failure:
            log.warning("finals not stored yet", session_id=session.session_id, reason=failure.reason)
        try:
            await self._finish(opened, session, state)
        except LiveTranslateError as failure:  # the housekeeper will see to it
            log.warning("state not stored", session_id=session.session_id, reason=failure.reason)

    async def _finish(self, opened: Opened, session: GatewaySession, state: SessionState) -> None:
        session_id, generation, samples = session.session_id, opened.generation, session.sample_count
        if state is SessionState.SUSPENDED:
            window = self._settings.resume_seconds
            await self._table.suspend(session_id, generation, window_seconds=window, sample_count=samples)
        else:
            await self._table.finish(session_id, generation, state, samples)
