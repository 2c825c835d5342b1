"""`/v1/audio/speech`: a text goes to tts, and its speech comes back while it is made."""

from collections.abc import AsyncIterator
from concurrent.futures import Executor

from starlette.requests import Request

from gateway.capabilities import Hops
from gateway.listings import list_voices
from gateway.speech_writer import SpeechWriter
from gateway.spoken_texts import Text, speak
from gateway.web.endpoint import while_connected
from gateway.web.json_body import read_body
from gateway.web.reply import Reply
from gateway.web.speech_wish import SpeechWish
from livetranslate.server import Drain
from livetranslate.v1 import tts_pb2


class Speeches:
    """Answers requests for speech."""

    def __init__(self, hops: Hops, codec_threads: Executor, drain: Drain, *, stall_seconds: float) -> None:
        """Speak by tts."""
        self._hops = hops
        self._codec_threads = codec_threads
        self._drain = drain
        self._stall_seconds = stall_seconds

    async def speak(self, request: Request, reply: Reply) -> None:
        """Speak a text."""
        body = await read_body(request, self._stall_seconds)
        with self._drain.stream():
            wish = SpeechWish.of(body, await list_voices(self._hops))
            await while_connected(request.receive, self._speak(wish, reply))

    async def _speak(self, wish: SpeechWish, reply: Reply) -> None:
        """Nothing is said of success before there is something to hear."""
        writer = SpeechWriter(wish.written.sample_rate_hertz, wish.written.kind, self._codec_threads)

        async def write(audio: bytes) -> None:
            if audio and not reply.has_begun:
                await reply.begin(wish.written.media_type)
                await reply.write(wish.written.head)
            await reply.write(audio)

        async def receive(speech: tts_pb2.SpeechAudio, _: None) -> None:
            await write(await writer.write(speech.audio, speech.sample_rate_hertz, is_last=speech.is_last))

        config = tts_pb2.SynthesisConfig(language_code=wish.language, voice=wish.voice)
        await speak(self._hops.tts, config, _one(wish), receive, timeout_seconds=None)
        await write(await writer.finish())
        if not reply.has_begun:
            await reply.begin(wish.written.media_type)  # a text of which nothing can be heard
        await reply.end()


async def _one(wish: SpeechWish) -> AsyncIterator[Text[None]]:
    yield Text(wish.text, None, wish.speaking_rate)
