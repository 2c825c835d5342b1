"""One running session: it moves facts and work between the client, the core, the hops and the store.

Its tasks: one reads the client, one sends to it, and each hop has one that receives. Where a queue is full the task
that fills it waits, so that a slow reader at one end slows the sender at the other.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from functools import partial

import structlog

from gateway import messages, requests
from gateway.capabilities import CapabilityFinder, Hops
from gateway.door import AudioDoor
from gateway.events import Event, Notice, NoticeKind, Summary, Target, Targets, Transcript, Translation
from gateway.hop import Hop
from gateway.session import GatewaySession
from gateway.settings import GatewaySettings
from gateway.store import StoreWriter
from gateway.store_health import StoreHealth
from gateway.stored import record_of
from gateway.trace import SegmentSpans
from gateway.viewers import RunningSession
from livetranslate import names
from livetranslate.errors import (
    CallerError,
    DeadlineExceededError,
    InvalidArgumentError,
    LiveTranslateError,
    UnavailableError,
)
from livetranslate.samples import BYTES_PER_SAMPLE, samples_of_ms
from livetranslate.server import Drain
from livetranslate.streams import reading
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, tts_pb2
from livetranslate.wire import samples_of_duration

log = structlog.get_logger()

MAX_AUDIO_BYTES = 1024 * 1024

_ASR_MESSAGE_BYTES = samples_of_ms(160) * BYTES_PER_SAMPLE  # asr waits for 160 ms: smaller messages gain no time

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
        self._writer = writer
        self._store_health = store_health
        self._running = running
        self._store_targets = store_targets
        self._spans = SegmentSpans(session.session_id)
        self._mt_lock = asyncio.Lock()
        self._tts: dict[Target, Hop[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse]] = {}
        self._unsent = bytearray()  # audio that is not enough for a message to asr
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._is_stored = asyncio.Event()
        self._store_deadline: float | None = None

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
                self._open_hops(tasks)
                sender = tasks.create_task(self._send_events(send))
                watchers = [tasks.create_task(self._tell_draining(drain)), tasks.create_task(self._tell_outages())]
                await self._asr.open()
                async with reading(client, partial(self._receive, tasks), has_ended.set, drain.closing):
                    await has_ended.wait()
                await self._flush(may_be_empty=drain.closing.is_set())
                await close_record()
                for watcher in watchers:
                    watcher.cancel()
                await self._apply(self._session.receive_end)
                await sender
        finally:
            self._spans.close()

    # The client

    async def _receive(self, tasks: asyncio.TaskGroup, request: gateway_pb2.StreamingTranslateSpeechRequest) -> None:
        match request.WhichOneof("streaming_request"):
            case "audio":
                await self._receive_audio(request.audio)
            case "targets":
                await self._receive_targets(tasks, messages.targets_from_proto(list(request.targets.targets)))
            case "flush":
                await self._send_audio()
                await self._asr.send(asr_pb2.StreamingRecognizeRequest(flush=asr_pb2.FlushRecognition()))
            case "config":
                raise InvalidArgumentError("CONFIG_REPEATED", "`config` was sent twice. Send it once, first.")
            case None:
                raise InvalidArgumentError("REQUEST_EMPTY", "A message was empty. Send `audio`, `targets` or `flush`.")

    async def _receive_audio(self, audio: bytes) -> None:
        if len(audio) > MAX_AUDIO_BYTES:
            message = (
                f"An audio message has {len(audio)} bytes; at most {MAX_AUDIO_BYTES} are allowed. Send smaller ones."
            )
            raise InvalidArgumentError("AUDIO_MESSAGE_TOO_LARGE", message, limit=str(MAX_AUDIO_BYTES))
        await self._recognize(self._door.feed(audio))

    async def _recognize(self, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            self._session.receive_audio(len(piece) // BYTES_PER_SAMPLE, time.monotonic())
            self._unsent += piece
            if len(self._unsent) >= _ASR_MESSAGE_BYTES:
                await self._send_audio()

    async def _send_audio(self) -> None:
        """Send asr what has gathered for it."""
        if self._unsent:
            audio = bytes(self._unsent)
            self._unsent.clear()
            await self._asr.send(asr_pb2.StreamingRecognizeRequest(audio=audio))

    async def _receive_targets(self, tasks: asyncio.TaskGroup, targets: list[Target]) -> None:
        """Change the targets, all or none: a change that cannot be made is a notice, and the session goes on."""
        try:
            await self._capabilities.check(self._config.source_language_code, targets)
        except LiveTranslateError as error:
            message = f"{error.message} The targets are as before."
            await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.TARGET_REFUSED, message)))
            return
        await self._apply(lambda: self._session.receive_targets(targets))
        await self._translate()
        tasks.create_task(self._store_targets([target.language for target in targets]))

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

    # The hops

    def _open_hops(self, tasks: asyncio.TaskGroup) -> None:
        session_id, source = self._session.session_id, self._config.source_language_code
        self._open_tts = partial(self._tts_hop, tasks)
        self._asr = Hop[asr_pb2.StreamingRecognizeRequest, asr_pb2.StreamingRecognizeResponse](
            "asr",
            tasks,
            open_call=self._hops.asr.StreamingRecognize,
            first_request=partial(requests.asr_config, self._config, session_id, self._spans.session_traceparent),
            receive=self._receive_from_asr,
            receive_failure=_raise,
        )
        self._mt = Hop[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse](
            "mt",
            tasks,
            open_call=self._hops.mt.StreamingTranslate,
            first_request=lambda: requests.mt_config(source, list(self._session.targets), session_id),
            receive=self._receive_from_mt,
            receive_failure=self._receive_mt_failure,
        )

    def _tts_hop(
        self, tasks: asyncio.TaskGroup, target: Target
    ) -> Hop[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse]:
        return Hop[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse](
            "tts",
            tasks,
            open_call=self._hops.tts.StreamingSynthesize,
            first_request=partial(requests.tts_config, target, self._session.session_id),
            receive=partial(self._receive_from_tts, target.language),
            receive_failure=partial(self._receive_tts_failure, target.language),
        )

    async def _receive_from_asr(self, response: asr_pb2.StreamingRecognizeResponse) -> None:
        match response.WhichOneof("streaming_response"):
            case "revision":
                transcript = messages.transcript_from_proto(response.revision)
                await self._apply(lambda: self._session.receive_transcript(transcript, time.monotonic()))
                await self._translate()
            case "progress":
                sample = samples_of_duration(response.progress.processed_offset)
                await self._apply(lambda: self._session.receive_progress(sample))
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                await self._apply(lambda: self._session.receive_notice(notice))

    async def _receive_from_mt(self, response: mt_pb2.StreamingTranslateResponse) -> None:
        match response.WhichOneof("streaming_response"):
            case "revision":
                translation = messages.translation_from_proto(response.revision)
                if translation.is_final:
                    self._spans.end(("translate", translation.segment_id))
                await self._apply(lambda: self._session.receive_translation(translation, time.monotonic()))
                await self._speak()
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                self._spans.end(("translate", notice.segment_id))
                await self._apply(lambda: self._session.receive_notice(notice))

    async def _receive_from_tts(self, language: str, response: tts_pb2.StreamingSynthesizeResponse) -> None:
        match response.WhichOneof("streaming_response"):
            case "audio":
                speech = messages.speech_from_proto(response.audio, language)
                if speech.is_last:
                    self._spans.end(("speak", speech.segment_id, language))
                await self._apply(lambda: self._session.receive_speech(speech, time.monotonic()))
            case "notice":
                notice = messages.notice_from_proto(response.notice)
                self._spans.end(("speak", notice.segment_id, language))
                await self._apply(lambda: self._session.receive_notice(notice))

    async def _receive_mt_failure(self, error: LiveTranslateError) -> None:
        if isinstance(error, CallerError):
            raise error
        log.warning("mt failed", session_id=self._session.session_id, reason=error.reason)
        languages = list(self._session.targets)
        kind = NoticeKind.TRANSLATION_FAILED
        await self._apply(lambda: self._session.receive_hop_failure(kind, languages, error.message))

    async def _receive_tts_failure(self, language: str, error: LiveTranslateError) -> None:
        log.warning("tts failed", session_id=self._session.session_id, reason=error.reason)
        kind = NoticeKind.SYNTHESIS_FAILED
        await self._apply(lambda: self._session.receive_hop_failure(kind, [language], error.message))

    # What follows from a fact

    async def _apply(self, receive: Callable[[], None]) -> None:
        """Put a fact into the core, store what it made final, and wait while the client does not read.

        What else follows is up to the caller: only what comes from asr is translated, and only what comes from mt
        is spoken. So no hop's receiving ever waits for that hop's sending.
        """
        receive()
        await self._store()
        self._has_news.set()
        while not self._session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    async def _store(self) -> None:
        session_id = self._session.session_id
        for event in self._session.events_to_store():
            record = record_of(session_id, event)
            key = ("store", event.number)
            self._spans.start(names.STORE_SPAN, key, record.traceparent, record.segment_id, record.language_code)
            await self._writer.put([record], partial(self._receive_durable, event), self._receive_refused)

    def _receive_durable(self, event: Event) -> None:
        self._spans.end(("store", event.number))
        self._session.receive_durable(event)
        self._is_stored.set()
        self._has_news.set()

    def _receive_refused(self, error: Exception) -> None:
        log.error("the database refused a record", session_id=self._session.session_id, kind=type(error).__name__)
        message = "A result could not be stored, and will not be. The server's log says more."
        self._session.receive_notice(Notice(NoticeKind.STORE_UNAVAILABLE, message))
        self._has_news.set()

    async def _translate(self) -> None:
        async with self._mt_lock:  # mt must see segments and changes of the targets in the core's order
            for request in self._session.requests_to_translate():
                await self._mt.send(self._request_to_mt(request))

    async def _speak(self) -> None:
        for target, translation in self._session.translations_to_speak():
            if target not in self._tts:  # one stream for each voice; there are not many
                self._tts[target] = self._open_tts(target)
            await self._tts[target].send(self._request_to_tts(translation))

    def _request_to_mt(self, request: Transcript | Targets) -> mt_pb2.StreamingTranslateRequest:
        if isinstance(request, Targets):
            return requests.mt_targets(request)
        traceparent = request.message.trace.traceparent
        if request.is_final:
            key = ("translate", request.segment_id)
            traceparent = self._spans.start(names.GATEWAY_TRANSLATE_SPAN, key, traceparent, request.segment_id)
        return requests.mt_segment(request, traceparent)

    def _request_to_tts(self, translation: Translation) -> tts_pb2.StreamingSynthesizeRequest:
        segment_id, language = translation.segment_id, translation.language
        parent = translation.message.trace.traceparent
        key = ("speak", segment_id, language)
        traceparent = self._spans.start(names.GATEWAY_SPEAK_SPAN, key, parent, segment_id, language)
        return requests.tts_input(translation, traceparent)

    # The end

    async def _flush(self, *, may_be_empty: bool) -> None:
        """The audio has ended: asr, mt and tts finish in order, and the store takes the rest."""
        await self._recognize(self._door.finish())
        await self._send_audio()
        if self._door.was_truncated:
            message = "The end of the audio is damaged or missing; everything before it was used."
            await self._apply(lambda: self._session.receive_notice(Notice(NoticeKind.AUDIO_TRUNCATED, message)))
        if not self._session.sample_count and not may_be_empty:
            raise InvalidArgumentError(
                "AUDIO_EMPTY", "The stream had no audio in it. Send `audio` before half-closing."
            )
        await self._asr.finish()
        await self._mt.finish()
        for hop in list(self._tts.values()):
            await hop.finish()
        for kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED):
            message = "The session ended before this was done."
            languages = list(self._session.targets)
            await self._apply(partial(self._session.receive_hop_failure, kind, languages, message))
        await self.wait_until_stored()

    async def wait_until_stored(self) -> None:
        """Wait until everything final so far is stored, at the end of the session. The patience is for all calls.

        Raises:
            UnavailableError: The database does not take it in time.
        """
        if self._store_deadline is None:
            self._store_deadline = asyncio.get_running_loop().time() + self._settings.store_seconds
        try:
            async with asyncio.timeout_at(self._store_deadline):
                while self._session.undurable_events:
                    self._is_stored.clear()
                    await self._is_stored.wait()
        except TimeoutError:
            message = "The database does not answer; the last results may not be stored. Try again later."
            raise UnavailableError("STORE_UNAVAILABLE", message) from None


async def _raise(error: LiveTranslateError) -> None:
    raise error
