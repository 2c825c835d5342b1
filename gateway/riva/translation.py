"""`RivaTranslation`: a call that brings speech is a session with one target; texts go to mt as they are."""

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial
from typing import Any

from riva.client.proto import riva_nmt_pb2, riva_nmt_pb2_grpc

from gateway.capabilities import Hops
from gateway.listings import list_translators, list_voices
from gateway.riva.call import Serve, SessionCall
from gateway.riva.chunks import chunks_of, first_config, request_id_of
from gateway.riva.listing import language_pairs, voice_name
from gateway.riva.opening import Wish, spoken_language
from gateway.riva.result_stream import stream_results
from gateway.riva.results import Results, results_of_translation
from gateway.riva.rpc import Context, SendAny, answers
from gateway.riva.speech import speech_writer
from gateway.riva.speech_stream import SpeechStream
from gateway.riva.texts import translate_texts
from gateway.targets import MAX_LAG_SECONDS
from livetranslate.errors import InvalidArgumentError
from livetranslate.server import Drain
from livetranslate.v1 import gateway_pb2
from livetranslate.wire import duration_of_seconds


class RivaTranslation(riva_nmt_pb2_grpc.RivaTranslationServicer):  # type: ignore[misc] # has no types
    """Answers `nvidia.riva.nmt.RivaTranslation`."""

    def __init__(
        self, serve: Serve, hops: Hops, codec_threads: Executor, drain: Drain, *, stall_seconds: float
    ) -> None:
        """Translate speech by sessions that `serve` runs."""
        self._serve = serve
        self._hops = hops
        self._codec_threads = codec_threads
        self._drain = drain
        self._stall_seconds = stall_seconds

    async def TranslateText(self, request: Any, context: Context) -> Any:
        """Translate texts at once."""
        with self._drain.stream():
            texts = await translate_texts(self._hops.mt, request, timeout_seconds=context.time_remaining())
        language = request.target_language
        translations = [riva_nmt_pb2.Translation(text=text, language=language) for text in texts]
        return riva_nmt_pb2.TranslateTextResponse(translations=translations, id=request_id_of(request))

    async def ListSupportedLanguagePairs(self, request: Any, context: Context) -> Any:
        """List the translators, all or one."""
        del context
        return language_pairs(await list_translators(self._hops), request.model)

    async def StreamingTranslateSpeechToText(
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Translate speech into text while it is spoken."""
        work = partial(self._to_text, requests, context)
        async with aclosing(answers(work, self._stall_seconds)) as responses:
            async for response in responses:
                yield response

    async def StreamingTranslateSpeechToSpeech(
        self, requests: AsyncIterator[Any], context: Context
    ) -> AsyncIterator[Any]:
        """Translate speech into speech while it is spoken."""
        work = partial(self._to_speech, requests, context)
        async with aclosing(answers(work, self._stall_seconds)) as responses:
            async for response in responses:
                yield response

    async def _to_text(self, requests: AsyncIterator[Any], context: Context, send: SendAny) -> None:
        first = await first_config(requests, "config")
        has_interims = first.config.asr_config.interim_results

        def results_of(event: gateway_pb2.SessionEvent) -> Results:
            if not event.HasField("translation"):
                return []
            return results_of_translation(event.translation, has_interims=has_interims)

        target = gateway_pb2.Target(language_code=first.config.translation_config.target_language_code)
        call = SessionCall(self._serve, await self._wish(first.config, target), context, request_id_of(first))
        await stream_results(call, requests, results_of, riva_nmt_pb2.StreamingTranslateSpeechToTextResponse, send)

    async def _to_speech(self, requests: AsyncIterator[Any], context: Context, send: SendAny) -> None:
        first = await first_config(requests, "config")
        wanted = first.config.tts_config
        writer = speech_writer(wanted.encoding, wanted.sample_rate_hz, self._codec_threads)
        target = await self._spoken_target(first.config)
        call = SessionCall(self._serve, await self._wish(first.config, target), context, request_id_of(first))
        stream = SpeechStream(call, writer, send)
        await call.run(chunks_of(requests), stream.tell)
        await stream.finish()

    async def _wish(self, config: Any, target: gateway_pb2.Target) -> Wish:
        if not target.language_code:
            message = "`translation_config.target_language_code` is empty. Say what to translate into, e.g. es-US."
            raise InvalidArgumentError("LANGUAGE_MISSING", message)
        recognition, translation = config.asr_config.config, config.translation_config
        named = translation.source_language_code or recognition.language_code
        return Wish(recognition, await spoken_language(named, self._hops), target, translation.dnt_phrases)

    async def _spoken_target(self, config: Any) -> gateway_pb2.Target:
        """The target with its voice. Riva leaves nothing out to keep up, so nothing is here."""
        named = config.tts_config.voice_name
        if named:
            named = voice_name(named, await list_voices(self._hops))
        target = gateway_pb2.Target(
            language_code=config.translation_config.target_language_code or config.tts_config.language_code,
            speech=True,
            voice=named,
        )
        target.speech_options.pacing.max_lag.CopyFrom(duration_of_seconds(MAX_LAG_SECONDS))
        return target
