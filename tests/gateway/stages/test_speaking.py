"""Speech: what tts says again, after it was asked again, is left out as far as it was heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc
import pytest

from gateway.capabilities import Hops
from gateway.events import Speech, Target
from gateway.recorder import Recorder
from gateway.session import GatewaySession
from gateway.stages.context import StageContext
from gateway.stages.speaking import Speaking
from gateway.store.writer import StoreWriter
from gateway.trace import SegmentSpans
from livetranslate.breakers import Breakers
from livetranslate.v1 import mt_pb2, tts_pb2, tts_pb2_grpc
from tests.gateway.bodies import final, translated

Requests = AsyncIterator[tts_pb2.StreamingSynthesizeRequest]
Behave = Callable[[tts_pb2.SynthesisInput, int], AsyncIterator[tts_pb2.SpeechAudio]]
NOW = 0.0


class Tts(tts_pb2_grpc.TtsServiceServicer):
    """Speaks each input as `behave` does in the n-th stream; where that raises, the stream breaks."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.voices: list[str] = []  # of the streams

    async def StreamingSynthesize(
        self, requests: Requests, context: object
    ) -> AsyncIterator[tts_pb2.StreamingSynthesizeResponse]:
        del context
        number = len(self.voices)
        async for request in requests:
            if request.HasField("config"):
                self.voices.append(request.config.voice)
                continue
            async for audio in self.behave(request.input, number):
                yield tts_pb2.StreamingSynthesizeResponse(audio=audio)


@asynccontextmanager
async def speaking(behave: Behave) -> AsyncIterator[tuple[GatewaySession, Speaking, Tts]]:
    """The stage of a session with one target that is spoken."""
    session = GatewaySession("s", [Target("es", speech=True)])
    server, tts = grpc.aio.server(), Tts(behave)  # type: ignore[abstract] # the stream alone is used
    tts_pb2_grpc.add_TtsServiceServicer_to_server(tts, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()

    async def apply(receive: Callable[[], None]) -> None:
        receive()

    async def write(_: object) -> list[tuple[str, int]]:
        return []

    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel, StoreWriter(write) as writer:
        spans = SegmentSpans("s")
        context = StageContext(
            source_language="en",
            session=session,
            recorder=Recorder(
                session,
                1,
                writer,
                spans,
                stores_audio=False,
                stores_speech=False,
                on_news=lambda: None,
                on_durable=lambda _: None,
                is_superseded=asyncio.Event(),
            ),
            hops=Hops(None, None, tts_pb2_grpc.TtsServiceStub(channel)),  # type: ignore[arg-type]
            breakers=Breakers("tts", failure_limit=1000),
            spans=spans,
            apply=apply,
            patience_seconds=60,
        )
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            yield session, Speaking(context, tasks), tts
    await server.stop(None)


def translate(session: GatewaySession, second: int) -> None:
    """A segment becomes final, and its translation too."""
    session.receive_transcript(final(second), NOW)
    session.receive_translation(replace(translated(second), message=mt_pb2.TranslationRevision()), NOW)


def heard(session: GatewaySession) -> bytes:
    """All speech that the client is told."""
    return b"".join(event.body.message.audio for event in session.events_to_send() if isinstance(event.body, Speech))


@pytest.mark.parametrize("first_chunk_bytes", [1, 2, 3, 4, 6])
async def test_speech_that_was_heard_is_left_out_of_its_repetition(first_chunk_bytes: int) -> None:
    """Wherever the stream broke, and however tts cuts its chunks, the client hears each sample once."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[tts_pb2.SpeechAudio]:
        audio = b"abcdef" if text.segment_id == final(0).segment_id else b"uvwxyz"
        cut = 4 if stream == 0 else first_chunk_bytes
        yield tts_pb2.SpeechAudio(segment_id=text.segment_id, audio=audio[:cut])
        if stream == 0 and text.segment_id != final(0).segment_id:
            raise RuntimeError
        yield tts_pb2.SpeechAudio(segment_id=text.segment_id, audio=audio[cut:], is_last=True)

    async with speaking(behave) as (session, stage, tts):
        for second in range(2):
            translate(session, second)
        await stage.push()
        await stage.finish()
        assert heard(session) == b"abcdefuvwxyz"
        assert len(tts.voices) == 2
        assert not session.translations_owed("es")


async def test_a_target_in_another_voice_has_another_stream() -> None:
    """The voice before is let go of."""

    async def behave(text: tts_pb2.SynthesisInput, stream: int) -> AsyncIterator[tts_pb2.SpeechAudio]:
        yield tts_pb2.SpeechAudio(segment_id=text.segment_id, audio=b"ab" if stream == 0 else b"cd", is_last=True)

    async with speaking(behave) as (session, stage, tts):
        translate(session, 0)
        await stage.push()
        while session.translations_owed("es"):  # noqa: ASYNC110 - the stage tells nobody but the core
            await asyncio.sleep(0)
        session.receive_targets([Target("es", speech=True, voice="es-male")])
        await stage.push()
        translate(session, 1)
        await stage.push()
        await stage.finish()
        assert heard(session) == b"abcd"
        assert tts.voices == ["", "es-male"]
