"""The asr service on a real server, and ways to talk to it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc
import numpy as np

from asr.classifier import Classifier, ClassifyTogether
from asr.endpoint import FRAME_SAMPLES
from asr.service import AsrService
from asr.settings import AsrSettings
from asr.styles import Recognizers
from asr.vad import Heard, Unheard, VoiceActivityDetector
from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter
from livetranslate.samples import BYTES_PER_SAMPLE
from livetranslate.server import Server
from livetranslate.triton import TritonClient
from livetranslate.v1 import asr_pb2, asr_pb2_grpc
from livetranslate.wire import samples_of_duration

MESSAGE_BYTES = 3_200  # 100 ms


@dataclass(frozen=True)
class Served:
    """A running service and a client of it."""

    server: Server
    service: AsrService
    stub: "asr_pb2_grpc.AsrServiceAsyncStub"


@asynccontextmanager
async def asr_service(
    triton_address: str, settings: AsrSettings | None = None, classify: ClassifyTogether | None = None
) -> AsyncIterator[Served]:
    """Serve on a free port while the block runs."""
    classify = classify or VoiceActivityDetector().classify_together
    settings = settings or AsrSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=2)
    triton = TritonClient(triton_address)
    server = Server(settings, "livetranslate.v1.AsrService")
    with ThreadPoolExecutor(2) as threads:
        service = AsrService(
            ModelDirectory(triton, "asr"),
            Recognizers(triton, settings),
            classify=Classifier(classify, threads).classify,
            vad_threads=threads,
            drain=server.drain,
            meter=LoadMeter(),
        )
        asr_pb2_grpc.add_AsrServiceServicer_to_server(service, server.grpc)
        port = await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            try:
                yield Served(server, service, asr_pb2_grpc.AsrServiceStub(channel))
            finally:
                await server.stop()
    await triton.close()


def config(language: str = "en", **fields: object) -> asr_pb2.StreamingRecognizeRequest:
    """The first request."""
    recognition = asr_pb2.RecognitionConfig(language_code=language, **fields)  # type: ignore[arg-type]
    return asr_pb2.StreamingRecognizeRequest(config=recognition)


def audio(samples: bytes, message_bytes: int = MESSAGE_BYTES) -> Iterable[asr_pb2.StreamingRecognizeRequest]:
    """Audio cut into messages."""
    for start in range(0, len(samples), message_bytes):
        yield asr_pb2.StreamingRecognizeRequest(audio=samples[start : start + message_bytes])


FLUSH = asr_pb2.StreamingRecognizeRequest(flush=asr_pb2.FlushRecognition())


def finals(responses: Iterable[asr_pb2.StreamingRecognizeResponse]) -> list[asr_pb2.TranscriptRevision]:
    """The final revisions among the responses."""
    return [response.revision for response in responses if response.revision.is_final]


async def recognize(
    served: Served, samples: bytes, message_bytes: int = 32_000, start: asr_pb2.RecognitionProgress | None = None
) -> list[asr_pb2.StreamingRecognizeResponse]:
    """The responses to the audio from a position on."""
    start = start or asr_pb2.RecognitionProgress()
    rest = samples[BYTES_PER_SAMPLE * samples_of_duration(start.processed_offset) :]
    requests = [config(start_offset=start.processed_offset, state=start.state), *audio(rest, message_bytes)]
    async with asyncio.timeout(100):
        return [response async for response in served.stub.StreamingRecognize(iter(requests))]


def said(responses: Iterable[asr_pb2.StreamingRecognizeResponse], start_sample: int = 0) -> list[tuple[object, ...]]:
    """All that finals say of the segments from a sample on."""
    return [
        (final.segment_id, final.revision, final.committed_text, [word.SerializeToString() for word in final.words])
        for final in finals(responses)
        if int(final.segment_id) >= start_sample
    ]


def loud_is_speech(streams: Sequence[Unheard]) -> list[Heard]:
    """A voice activity detector for tones and noise, that remembers nothing."""
    return [
        [(float(np.abs(frame).max() > 1_000), b"") for frame in samples.reshape(-1, FRAME_SAMPLES)]
        for samples, _ in streams
    ]


def loud(seconds: float) -> bytes:
    """Noise that `loud_is_speech` takes for speech."""
    return np.random.default_rng(0).integers(-9_000, 9_000, int(seconds * 16_000)).astype(np.int16).tobytes()


def quiet(seconds: float) -> bytes:
    """Silence."""
    return bytes(int(seconds * 16_000) * 2)
