"""`RivaSpeechSynthesis`: texts go to tts, and their speech comes back as Riva's clients ask for it."""

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import aclosing
from functools import partial
from typing import Any

from riva.client.proto import riva_tts_pb2, riva_tts_pb2_grpc

from gateway.capabilities import Hops
from gateway.listings import list_voices
from gateway.riva.chunks import request_id_of
from gateway.riva.listing import synthesis_configs, voice_name
from gateway.riva.rpc import Context, SendAny, answers
from gateway.riva.speech import speech_writer
from gateway.riva.spoken_text import spoken_text
from gateway.spoken_texts import Text, speak
from livetranslate.server import Drain
from livetranslate.streams import first_request
from livetranslate.v1 import tts_pb2

_DEFAULT_LANGUAGE = "en-US"  # as Riva's own client has it


class RivaSpeechSynthesis(riva_tts_pb2_grpc.RivaSpeechSynthesisServicer):  # type: ignore[misc] # has no types
    """Answers `nvidia.riva.tts.RivaSpeechSynthesis`."""

    def __init__(self, hops: Hops, codec_threads: Executor, drain: Drain, *, stall_seconds: float) -> None:
        """Speak by tts."""
        self._hops = hops
        self._codec_threads = codec_threads
        self._drain = drain
        self._stall_seconds = stall_seconds

    async def Synthesize(self, request: Any, context: Context) -> Any:
        """Speak a text; its speech comes at once."""
        pieces: list[bytes] = []

        async def receive(response: Any) -> None:
            pieces.append(response.audio)

        await self._speak(_one(request), context, receive)
        return _response(b"".join(pieces), request)

    async def SynthesizeOnline(self, requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
        """Speak texts while they come. A client of the older form sends one; on the wire that is the same."""
        work = partial(self._speak, requests, context)
        async with aclosing(answers(work, self._stall_seconds)) as responses:
            async for response in responses:
                yield response

    async def GetRivaSynthesisConfig(self, request: Any, context: Context) -> Any:
        """List the voices, of all models or one."""
        del context
        return synthesis_configs(await list_voices(self._hops), request.model_name)

    async def _speak(self, requests: AsyncIterator[Any], context: Context, send: SendAny) -> None:
        """Speak all texts as the first one asks for; answers name the request that they belong to."""
        with self._drain.stream():
            first = last = await first_request(requests)
            writer = speech_writer(first.encoding, first.sample_rate_hz, self._codec_threads)
            language = first.language_code or _DEFAULT_LANGUAGE
            config = tts_pb2.SynthesisConfig(language_code=language, voice=await self._voice(first.voice_name))

            async def receive(speech: tts_pb2.SpeechAudio, request: Any) -> None:
                nonlocal last
                last = request
                audio = await writer.write(speech.audio, speech.sample_rate_hertz, is_last=speech.is_last)
                if audio:
                    await send(_response(audio, request))

            texts = _texts(first, requests)
            await speak(self._hops.tts, config, texts, receive, timeout_seconds=context.time_remaining())
            if rest := await writer.finish():
                await send(_response(rest, last))

    async def _voice(self, named: str) -> str:
        return voice_name(named, await list_voices(self._hops)) if named else ""


async def _texts(first: Any, others: AsyncIterator[Any]) -> AsyncIterator[Text[Any]]:
    yield Text(spoken_text(first), first)
    async for other in others:
        yield Text(spoken_text(other), other)


async def _one(request: Any) -> AsyncIterator[Any]:
    yield request


def _response(audio: bytes, request: Any) -> Any:
    meta = riva_tts_pb2.SynthesizeSpeechResponseMetadata(text=request.text, processed_text=request.text)
    return riva_tts_pb2.SynthesizeSpeechResponse(audio=audio, meta=meta, id=request_id_of(request))
