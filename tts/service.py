"""The gRPC shell of tts: answers calls by handing them to a stream or the directory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial

import grpc

from livetranslate.answers import answers_of
from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter, telling_load
from livetranslate.logs import note_session
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.server import Drain
from livetranslate.streams import first_request
from livetranslate.v1 import tts_pb2, tts_pb2_grpc
from livetranslate.wire import samples_of_duration
from tts.answer import Answer
from tts.casting import hold_voice
from tts.messages import answer_to_proto, checked_config, pacing_from_proto, voice_to_proto
from tts.pacing import Pacer, Pacing
from tts.reference import with_reference
from tts.session import TtsSession
from tts.settings import TtsSettings
from tts.stream import TtsStream
from tts.synthesizer import Synthesize
from tts.utterance import Voice
from tts.voices import voices_for

_ANSWERS_WAITING = 4  # for a slow reader: some tenths of a second of speech; then the model waits

Requests = AsyncIterator[tts_pb2.StreamingSynthesizeRequest]
Responses = AsyncIterator[tts_pb2.StreamingSynthesizeResponse]
Send = Callable[[tts_pb2.StreamingSynthesizeResponse], Awaitable[None]]
StreamContext = grpc.aio.ServicerContext[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse]
ListContext = grpc.aio.ServicerContext[tts_pb2.ListVoicesRequest, tts_pb2.ListVoicesResponse]


class TtsService(tts_pb2_grpc.TtsServiceServicer):
    """Answers `livetranslate.v1.TtsService`."""

    def __init__(
        self,
        settings: TtsSettings,
        directory: ModelDirectory,
        synthesize: Synthesize,
        drain: Drain,
        meter: LoadMeter,
    ) -> None:
        """Use what `__main__` has built."""
        self._settings = settings
        self._directory = directory
        self._synthesize = synthesize
        self._drain = drain
        self._meter = meter

    async def StreamingSynthesize(self, requests: Requests, context: StreamContext) -> Responses:
        """Speak one session's texts in one language."""
        del context
        with self._drain.stream():
            async with aclosing(answers_of(partial(self._serve, requests), size=_ANSWERS_WAITING)) as answers:
                async for answer in answers:
                    yield answer

    async def ListVoices(self, request: tts_pb2.ListVoicesRequest, context: ListContext) -> tts_pb2.ListVoicesResponse:
        """List the voices, for one language or all."""
        del context
        voices = voices_for(await self._directory.models(), request.language_code)
        return tts_pb2.ListVoicesResponse(voices=map(voice_to_proto, voices))

    async def _serve(self, requests: Requests, send: Send) -> None:
        config = checked_config(await first_request(requests))
        note_session(config.session_id)
        pacing = pacing_from_proto(config)
        with self._directory.holds() as holds:
            chosen = await hold_voice(self._directory, holds, config.language_code, config.voice)
            voice = with_reference(chosen, config.reference_audio)
            await self._speak(config, pacing, voice, requests, send)

    async def _speak(
        self, config: tts_pb2.SynthesisConfig, pacing: Pacing, voice: Voice, requests: Requests, send: Send
    ) -> None:
        least_samples = voice.sample_rate_hertz * self._settings.chunk_ms // 1000
        session = TtsSession(
            Pacer(pacing, voice.sample_rate_hertz, samples_of_duration(config.spoken_offset)),
            input_limit=self._settings.input_limit,
            least_chunk_bytes=least_samples * BYTES_PER_SAMPLE,
        )
        clock = asyncio.get_running_loop().time
        tell = telling_load(send, self._meter)

        async def send_answer(answer: Answer) -> None:
            await tell(answer_to_proto(answer, voice, config.language_code, clock()))

        await TtsStream(session, voice, self._synthesize).run(requests, send_answer, self._drain.closing)
