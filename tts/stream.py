"""One stream of tts: it moves texts and speech between the client, the core and the synthesizer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import structlog

from livetranslate.errors import InvalidArgumentError, LiveTranslateError
from livetranslate.metrics import StreamQueueDepth
from livetranslate.streams import reading
from livetranslate.telemetry import trace_id_of
from livetranslate.v1 import tts_pb2
from tts import metrics
from tts.answer import Answer
from tts.messages import utterance_from_proto
from tts.session import TtsSession
from tts.synthesizer import Synthesize
from tts.utterance import Utterance, Voice

log = structlog.get_logger()

Send = Callable[[Answer], Awaitable[None]]


class TtsStream:
    """The tasks of one session: one reads; the other speaks one text after the other, at the reader's pace."""

    def __init__(self, session: TtsSession, voice: Voice, synthesize: Synthesize) -> None:
        """Serve a session that nobody else touches."""
        self._session = session
        self._voice = voice
        self._synthesize = synthesize
        self._has_news = asyncio.Event()
        self._has_room = asyncio.Event()
        self._depth = StreamQueueDepth(metrics.texts_waiting)
        self._clock = asyncio.get_running_loop().time

    async def run(
        self, requests: AsyncIterator[tts_pb2.StreamingSynthesizeRequest], send: Send, closing: asyncio.Event
    ) -> None:
        """Serve until the client half-closes or the server is `closing`, and everything received is spoken."""
        async with self._depth, reading(requests, self._receive, self._receive_end, closing):
            while not self._session.is_done:
                utterance = self._session.utterance_to_speak()
                self._depth.show(self._session.waiting_count)
                await self._send_answers(send)
                self._has_room.set()
                if utterance is not None:
                    await self._speak(utterance, send)
                elif not self._session.is_done:
                    await self._has_news.wait()
                    self._has_news.clear()

    async def _receive(self, request: tts_pb2.StreamingSynthesizeRequest) -> None:
        """Take a request; waits while too many texts wait, and the client then waits too."""
        match request.WhichOneof("streaming_request"):
            case "input":
                self._session.receive_utterance(utterance_from_proto(request.input, self._clock()))
            case "config":
                raise InvalidArgumentError("CONFIG_REPEATED", "`config` was sent twice. Send it once, first.")
        self._depth.show(self._session.waiting_count)
        self._has_news.set()
        while not self._session.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    def _receive_end(self) -> None:
        self._session.receive_end()
        self._has_news.set()

    async def _speak(self, utterance: Utterance, send: Send) -> None:
        """Speak a text to its end; what goes wrong spoils this text only."""
        waited_seconds = self._clock() - utterance.received_seconds
        size_bytes = 0
        try:
            async with aclosing(self._synthesize(utterance, self._voice, waited_seconds)) as sounds:
                async for sound in sounds:
                    size_bytes += len(sound.samples)
                    self._session.receive_sound(sound)
                    await self._send_answers(send)
        except LiveTranslateError as error:
            trace_id = trace_id_of(utterance.traceparent)
            log.warning("synthesis failed", model=self._voice.model, reason=error.reason, trace_id=trace_id)
            self._session.receive_failure(error.reason)
        else:
            self._session.receive_silence()
        finally:
            metrics.count_speech(self._voice, size_bytes)
        await self._send_answers(send)

    async def _send_answers(self, send: Send) -> None:
        for answer in self._session.answers_to_send():
            await send(answer)
            metrics.note_answer(answer)
