"""The three stages of one session: asr, then mt, then tts, each a stream of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from gateway import messages, requests
from gateway.capabilities import Hops
from gateway.events import NoticeKind, Target, Targets, Transcript, Translation
from gateway.hop import Hop
from gateway.session import GatewaySession
from gateway.trace import SegmentSpans
from livetranslate import names
from livetranslate.errors import CallerError, LiveTranslateError
from livetranslate.samples import BYTES_PER_SAMPLE, samples_of_ms
from livetranslate.v1 import asr_pb2, gateway_pb2, mt_pb2, tts_pb2
from livetranslate.wire import samples_of_duration

log = structlog.get_logger()

_ASR_MESSAGE_BYTES = samples_of_ms(160) * BYTES_PER_SAMPLE  # asr waits for 160 ms: smaller messages gain no time

AsrHop = Hop[asr_pb2.StreamingRecognizeRequest, asr_pb2.StreamingRecognizeResponse]
MtHop = Hop[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]
TtsHop = Hop[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse]

Apply = Callable[[Callable[[], None]], Awaitable[None]]
"""Puts a fact into the core; waits while the client does not read."""


class Stages:
    """Moves audio, transcripts, translations and speech between the core and the inner services.

    Only what comes from asr is translated, and only what comes from mt is spoken. So no stage's receiving ever waits
    for its own sending, and a slow reader at the end slows the stages before it one after the other.
    """

    def __init__(
        self,
        config: gateway_pb2.SessionConfig,
        session: GatewaySession,
        hops: Hops,
        spans: SegmentSpans,
        *,
        tasks: asyncio.TaskGroup,
        apply: Apply,
    ) -> None:
        """Open nothing yet."""
        self._config = config
        self._session = session
        self._hops = hops
        self._spans = spans
        self._tasks = tasks
        self._apply = apply
        self._unsent = bytearray()  # audio that is not enough for a message to asr
        self._mt_lock = asyncio.Lock()
        self._asr = self._asr_hop()
        self._mt = self._mt_hop()
        self._tts: dict[Target, TtsHop] = {}

    async def open(self) -> None:
        """Begin to recognize."""
        await self._asr.open()

    async def recognize(self, audio: bytes) -> None:
        """Send 16 kHz mono s16le audio to asr, once enough has gathered."""
        self._unsent += audio
        if len(self._unsent) >= _ASR_MESSAGE_BYTES:
            await self._send_audio()

    async def flush(self) -> None:
        """End the current segment here."""
        await self._send_audio()
        await self._asr.send(asr_pb2.StreamingRecognizeRequest(flush=asr_pb2.FlushRecognition()))

    async def finish(self) -> None:
        """No more audio will come: the stages finish in order, and what they leave open is given up."""
        await self._send_audio()
        await self._asr.finish()
        await self._mt.finish()
        for hop in list(self._tts.values()):
            await hop.finish()
        for kind in (NoticeKind.TRANSLATION_FAILED, NoticeKind.SYNTHESIS_FAILED):
            await self._give_up(kind, list(self._session.targets), "The session ended before this was done.")

    async def translate(self) -> None:
        """Send mt what the core has for it."""
        async with self._mt_lock:  # mt must see segments and changes of the targets in the core's order
            for request in self._session.requests_to_translate():
                await self._mt.send(self._request_to_mt(request))

    async def _send_audio(self) -> None:
        if self._unsent:
            audio = bytes(self._unsent)
            self._unsent.clear()
            await self._asr.send(asr_pb2.StreamingRecognizeRequest(audio=audio))

    def _asr_hop(self) -> AsrHop:
        session_id, traceparent = self._session.session_id, self._spans.session_traceparent
        return AsrHop(
            "asr",
            self._tasks,
            open_call=self._hops.asr.StreamingRecognize,
            first_request=partial(requests.asr_config, self._config, session_id, traceparent),
            receive=self._receive_from_asr,
            receive_failure=_raise,
        )

    def _mt_hop(self) -> MtHop:
        session_id, source = self._session.session_id, self._config.source_language_code
        return MtHop(
            "mt",
            self._tasks,
            open_call=self._hops.mt.StreamingTranslate,
            first_request=lambda: requests.mt_config(source, list(self._session.targets), session_id),
            receive=self._receive_from_mt,
            receive_failure=self._receive_mt_failure,
        )

    def _tts_hop(self, target: Target) -> TtsHop:
        return TtsHop(
            "tts",
            self._tasks,
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
                await self.translate()
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
        await self._give_up(NoticeKind.TRANSLATION_FAILED, list(self._session.targets), error.message)

    async def _receive_tts_failure(self, language: str, error: LiveTranslateError) -> None:
        log.warning("tts failed", session_id=self._session.session_id, reason=error.reason)
        await self._give_up(NoticeKind.SYNTHESIS_FAILED, [language], error.message)

    async def _give_up(self, kind: NoticeKind, languages: list[str], message: str) -> None:
        await self._apply(partial(self._session.receive_hop_failure, kind, languages, message))

    async def _speak(self) -> None:
        for target, translation in self._session.translations_to_speak():
            if target not in self._tts:  # one stream for each voice; there are not many
                self._tts[target] = self._tts_hop(target)
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


async def _raise(error: LiveTranslateError) -> None:
    raise error
