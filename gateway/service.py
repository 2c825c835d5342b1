"""The gRPC shell of live translation: opens and closes sessions; `gateway.stream` runs them."""

import asyncio
import importlib.metadata
import secrets
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import aclosing, closing
from datetime import UTC, datetime
from functools import partial

import grpc
import structlog

from gateway import messages
from gateway.capabilities import CapabilityFinder, Hops
from gateway.door import AudioDoor, format_from_proto
from gateway.session import GatewaySession
from gateway.settings import GatewaySettings
from gateway.store.health import StoreHealth
from gateway.store.postgres import PostgresStore
from gateway.store.records import SessionRecord, SessionState
from gateway.store.writer import StoreWriter
from gateway.stream import Send, SessionStream
from gateway.viewers import Viewers
from gateway.watch import watch
from livetranslate.answers import answers_of
from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.server import Drain
from livetranslate.streams import first_request
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc

log = structlog.get_logger()

MAX_TITLE_CHARACTERS = 200

_ANSWERS_WAITING = 8  # for a slow reader; further events wait in the core, where partials give way to newer ones

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
        hops: Hops,
        store: PostgresStore,
        writer: StoreWriter,
        store_health: StoreHealth,
        decoder_threads: Executor,
        drain: Drain,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._hops = hops
        self._capabilities = CapabilityFinder(hops)
        self._store = store
        self._writer = writer
        self._store_health = store_health
        self._decoder_threads = decoder_threads
        self._drain = drain
        self._viewers = Viewers()

    async def StreamingTranslateSpeech(self, requests: Requests, context: StreamContext) -> Responses:
        """Translate one session."""
        del context
        with self._drain.stream():
            async with aclosing(answers_of(partial(self._serve, requests), size=_ANSWERS_WAITING)) as answers:
                async for answer in answers:
                    yield answer

    async def WatchSession(
        self, request: gateway_pb2.WatchSessionRequest, context: WatchContext
    ) -> AsyncIterator[gateway_pb2.WatchSessionResponse]:
        """Follow a session."""
        del context
        followed = watch(request.session_id, request.after_event_number, self._store, self._viewers)
        async with aclosing(followed) as events:
            async for event in events:
                yield gateway_pb2.WatchSessionResponse(event=messages.event_to_proto(event))

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

    async def _serve(self, requests: Requests, send: Send) -> None:
        config = _checked_config(await first_request(requests))
        targets = messages.targets_from_proto(list(config.targets))
        await self._capabilities.check(config.source_language_code, targets)
        session = GatewaySession(secrets.token_hex(16), targets)
        session_id = session.session_id
        with (
            closing(AudioDoor(format_from_proto(config.audio_format), self._decoder_threads)) as door,
            self._viewers.session(session) as running,
        ):
            stream = SessionStream(
                config,
                session,
                settings=self._settings,
                door=door,
                hops=self._hops,
                capabilities=self._capabilities,
                writer=self._writer,
                store_health=self._store_health,
                running=running,
                store_targets=partial(self._store_targets, session_id),
            )
            try:
                await self._store.insert_session(_record_of(session_id, config))
                log.info("session started", session_id=session_id)
                await stream.run(requests, send, self._drain, partial(self._complete, session))
            except BaseException:
                await asyncio.shield(self._interrupt(session, stream))
                raise

    async def _complete(self, session: GatewaySession) -> None:
        await self._store.finish_session(session.session_id, SessionState.COMPLETED, session.sample_count)
        log.info("session completed", session_id=session.session_id)

    async def _interrupt(self, session: GatewaySession, stream: SessionStream) -> None:
        """Close the record of a session that was broken off, after the finals that are on their way to the store."""
        session_id = session.session_id
        log.info("session interrupted", session_id=session_id)
        try:
            await stream.wait_until_stored()
        except LiveTranslateError as error:
            log.warning("finals not stored", session_id=session_id, reason=error.reason)
        try:
            await self._store.finish_session(session_id, SessionState.INTERRUPTED, session.sample_count)
        except LiveTranslateError as error:
            log.warning("session not closed in the database", session_id=session_id, reason=error.reason)

    async def _store_targets(self, session_id: str, languages: list[str]) -> None:
        try:
            await self._store.update_targets(session_id, languages)
        except LiveTranslateError as error:
            log.warning("targets not stored", session_id=session_id, reason=error.reason)


def _checked_config(request: gateway_pb2.StreamingTranslateSpeechRequest) -> gateway_pb2.SessionConfig:
    if request.WhichOneof("streaming_request") != "config":
        raise InvalidArgumentError("CONFIG_EXPECTED", "The first message must be `config`.")
    config = request.config
    if not config.source_language_code:
        message = "`config.source_language_code` is empty. Say what is spoken, e.g. en."
        raise InvalidArgumentError("LANGUAGE_MISSING", message)
    if len(config.title) > MAX_TITLE_CHARACTERS:
        message = f"`config.title` is longer than {MAX_TITLE_CHARACTERS} characters."
        raise InvalidArgumentError("TITLE_TOO_LONG", message, limit=str(MAX_TITLE_CHARACTERS))
    return config


def _record_of(session_id: str, config: gateway_pb2.SessionConfig) -> SessionRecord:
    return SessionRecord(
        session_id=session_id,
        title=config.title,
        state=SessionState.ACTIVE,
        source_language_code=config.source_language_code,
        target_language_codes=tuple(target.language_code for target in config.targets),
        start_time=datetime.now(UTC),
    )
