"""The first stage: audio to asr, transcripts back.

The audio since the last position is kept, and a stream that breaks is opened anew at that position, at whatever
replica. What asr then says for the second time the core passes over.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

from gateway import messages, requests
from gateway.backlog import GATHERED_SAMPLES, MESSAGE_SAMPLES, Backlog, Flush
from gateway.degradation import Degradation
from gateway.events import Transcript
from gateway.stages.context import StageContext
from livetranslate.errors import LiveTranslateError, UnavailableError
from livetranslate.v1 import asr_pb2


class Recognition:
    """The way of one session's audio through asr."""

    def __init__(self, context: StageContext, on_transcript: Callable[[], Awaitable[None]]) -> None:
        """Begin where the session does; `on_transcript` is told that the core has something to translate."""
        self._context = context
        self._on_transcript = on_transcript
        self._session = context.session
        self._backlog = Backlog(self._session.position.sample)
        self._is_ending = False
        self._degradation = self._told_degradation = Degradation.NONE
        self._has_room = asyncio.Event()
        self._hop = context.hop(
            "asr",
            open_call=context.hops.asr.StreamingRecognize,
            opening=self._opening,
            next_request=self._next_request,
            receive=self._receive,
            on_patience_end=_give_up,
        )

    async def run(self) -> None:
        """Recognize until `finish` has had its effect.

        Raises:
            LiveTranslateError: asr is away for too long.
        """
        await self._hop.run()

    async def open(self) -> None:
        """Begin to recognize."""
        await self._hop.push()

    async def receive_audio(self, audio: bytes) -> None:
        """Recognize 16 kHz mono s16le audio; waits while too much of it is waiting."""
        self._backlog.append(audio)
        await self._hop.push()
        while not self._backlog.has_room:
            self._has_room.clear()
            await self._has_room.wait()

    async def flush(self) -> None:
        """End the current segment here."""
        self._backlog.mark_flush()
        await self._hop.push()

    def degrade(self, degradation: Degradation) -> None:
        """Ask less of asr, or more again; it is told with the next audio."""
        self._degradation = degradation
        self._backlog.message_samples = GATHERED_SAMPLES if degradation else MESSAGE_SAMPLES

    async def finish(self) -> None:
        """No more audio will come: `run` ends when everything is final."""
        self._is_ending = True
        await self._hop.finish()

    def keep_rest(self) -> None:
        """Everything is final: the audio that is left goes the way of the other."""
        self._context.recorder.receive_audio(self._backlog.forget_before(self._backlog.end_sample))

    def _opening(self) -> Iterator[asr_pb2.StreamingRecognizeRequest]:
        self._backlog.rewind()
        self._told_degradation = Degradation.NONE
        traceparent = self._context.spans.session_traceparent
        source, options = self._context.source_language, self._context.options
        session_id, position = self._session.session_id, self._session.position
        yield requests.asr_config(source, options, session_id, position, traceparent)

    def _next_request(self) -> asr_pb2.StreamingRecognizeRequest | None:
        if self._told_degradation is not self._degradation:
            self._told_degradation = self._degradation
            return requests.asr_pace(self._degradation)
        match self._backlog.next_piece(is_ending=self._is_ending):
            case None:
                return None
            case Flush():
                return asr_pb2.StreamingRecognizeRequest(flush=asr_pb2.FlushRecognition())
            case audio:
                return asr_pb2.StreamingRecognizeRequest(audio=audio)

    async def _receive(self, response: asr_pb2.StreamingRecognizeResponse) -> None:
        if response.HasField("load"):
            self._context.receive_load("asr", response.load)
        match response.WhichOneof("streaming_response"):
            case "revision":
                transcript = messages.transcript_from_proto(response.revision)
                self._collect(transcript)
                await self._context.apply(lambda: self._session.receive_transcript(transcript, time.monotonic()))
                await self._on_transcript()
            case "progress":
                position = messages.position_from_proto(response.progress)
                self._context.recorder.receive_audio(self._backlog.forget_before(position.sample))
                self._has_room.set()
                await self._context.apply(lambda: self._session.receive_position(position))
            case "activity":
                activity = messages.activity_from_proto(response.activity)
                await self._context.apply(lambda: self._session.receive_activity(activity))
            case "notice":
                await self._context.receive_notice(messages.notice_from_proto(response.notice))

    def _collect(self, transcript: Transcript) -> None:
        """What was said, as it was said, for a voice that imitates the speaker."""
        has_words = transcript.is_final and transcript.committed_text
        reference, start, end = self._context.reference, transcript.start_sample, transcript.end_sample
        if has_words and reference.lacks(start):
            reference.receive_speech(end, self._backlog.read(start, end))


async def _give_up(error: LiveTranslateError) -> None:
    """Whatever asr says, the client is not to blame, and another asr may do better: the session can be resumed."""
    raise UnavailableError("ASR_UNAVAILABLE", error.message, hop="asr")
