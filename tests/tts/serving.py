"""A running tts for tests: a real server on a free port, its synthesizer a plain function."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
from google.protobuf.duration_pb2 import Duration

from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.triton import TritonClient
from livetranslate.v1 import tts_pb2, tts_pb2_grpc
from tests.fake_triton import FakeTriton, served
from tests.rpc import read_all
from tts.service import TtsService
from tts.settings import TtsSettings
from tts.synthesizer import Synthesize
from tts.utterance import Sound, Utterance, Voice

MODELS = {
    "tts_test": {
        "task": "tts",
        "languages": "es ca",
        "voices": "ana montse",
        "sample_rate_hertz": "22050",
        "license": "MIT",
    },
    "tts_clone": {
        "task": "tts",
        "languages": "es",
        "voices": "speaker",
        "takes": "reference",
        "rank": "-1",
        "sample_rate_hertz": "22050",
        "license": "MIT",
    },
}
PIECE = bytes(4410)  # 100 ms

Call = grpc.aio.StreamStreamCall[tts_pb2.StreamingSynthesizeRequest, tts_pb2.StreamingSynthesizeResponse]


@dataclass
class Running:
    """A server, and a client's stub for it."""

    stub: "tts_pb2_grpc.TtsServiceAsyncStub"  # known to the type checker only
    server: Server


async def hum(utterance: Utterance, voice: Voice, waited_seconds: float) -> AsyncGenerator[Sound, None]:
    """Speak a tenth of a second for each character."""
    for number, _ in enumerate(utterance.text, 1):
        yield Sound(PIECE, model_seconds=number / 1000)


@asynccontextmanager
async def running(synthesize: Synthesize = hum, settings: TtsSettings | None = None) -> AsyncIterator[Running]:
    """Serve while the block runs; afterwards no stream may be left."""
    settings = settings or TtsSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=2)
    async with served(FakeTriton(MODELS)) as address:
        client = TritonClient(address)
        server = Server(settings, "livetranslate.v1.TtsService")
        service = TtsService(settings, ModelDirectory(client, "tts"), synthesize, server.drain, LoadMeter())
        tts_pb2_grpc.add_TtsServiceServicer_to_server(service, server.grpc)
        port = await server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Running(tts_pb2_grpc.TtsServiceStub(channel), server)
        finally:
            await server.stop()
            await client.close()
    assert await server.drain.idle(0)


def config(
    language: str = "es",
    voice: str = "",
    pacing: tts_pb2.PacingOptions | None = None,
    spoken_seconds: int = 0,
    reference: bytes = b"",
) -> tts_pb2.StreamingSynthesizeRequest:
    """The first request."""
    message = tts_pb2.SynthesisConfig(
        language_code=language,
        voice=voice,
        pacing=pacing,
        spoken_offset=Duration(seconds=spoken_seconds),
        reference_audio=reference,
    )
    return tts_pb2.StreamingSynthesizeRequest(config=message)


def text(segment_id: str, words: str, rate: float = 0) -> tts_pb2.StreamingSynthesizeRequest:
    """A text to speak."""
    message = tts_pb2.SynthesisInput(segment_id=segment_id, text=words, speaking_rate=rate)
    return tts_pb2.StreamingSynthesizeRequest(input=message)


async def next_answer(call: Call) -> tts_pb2.StreamingSynthesizeResponse:
    """The answer that comes next."""
    answer = await call.read()
    assert isinstance(answer, tts_pb2.StreamingSynthesizeResponse), "the stream has ended"
    return answer


async def answers(call: Call) -> list[tts_pb2.StreamingSynthesizeResponse]:
    """All answers until the end of the stream."""
    return await read_all(call)
