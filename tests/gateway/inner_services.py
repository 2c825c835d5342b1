"""Stand-ins for asr and mt over real gRPC, which tell how busy they are, and may stop reading."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc

from livetranslate.load import Load
from livetranslate.load_meter import load_to_proto
from livetranslate.samples import BYTES_PER_SAMPLE, SAMPLE_RATE_HERTZ, segment_id
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, mt_pb2, mt_pb2_grpc, types_pb2
from livetranslate.wire import duration_of_samples, samples_of_duration

BUSY, CALM = load_to_proto(Load(queue_wait_seconds=2.0)), load_to_proto(Load())

AsrRequests = AsyncIterator[asr_pb2.StreamingRecognizeRequest]
AsrResponse = asr_pb2.StreamingRecognizeResponse
MtRequests = AsyncIterator[mt_pb2.StreamingTranslateRequest]
MtResponse = mt_pb2.StreamingTranslateResponse


@dataclass
class Asr(asr_pb2_grpc.AsrServiceServicer):
    """Each second of audio is a segment, whose text grows with each message.

    Attributes:
        load: What it tells of itself with every answer.
        may_read: While it is not set, no stream is read.
        heard: All that the streams were sent.
        paces: What they were asked for.
    """

    load: types_pb2.Load = field(default_factory=lambda: CALM)
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    heard: bytearray = field(default_factory=bytearray)
    paces: list[asr_pb2.RecognitionPace] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.may_read.set()

    async def ListRecognizers(
        self, request: asr_pb2.ListRecognizersRequest, context: object
    ) -> asr_pb2.ListRecognizersResponse:
        del request, context
        return asr_pb2.ListRecognizersResponse(
            recognizers=[asr_pb2.Recognizer(model="asr_fake", language_codes=["en"], license="Apache-2.0")]
        )

    async def StreamingRecognize(self, requests: AsrRequests, context: object) -> AsyncIterator[AsrResponse]:
        del context
        heard, done, revision, pace = 0, 0, 0, asr_pb2.RecognitionPace()
        async for request in requests:
            await self.may_read.wait()
            match request.WhichOneof("streaming_request"):
                case "config":
                    heard = done = samples_of_duration(request.config.start_offset)
                case "pace":
                    pace = request.pace
                    self.paces.append(pace)
                case "audio":
                    self.heard += request.audio
                    heard += len(request.audio) // BYTES_PER_SAMPLE
            while heard - done >= SAMPLE_RATE_HERTZ:
                yield AsrResponse(revision=_revision(done, revision + 1, is_final=True), load=self.load)
                done, revision = done + SAMPLE_RATE_HERTZ, 0
                progress = asr_pb2.RecognitionProgress(processed_offset=duration_of_samples(done))
                yield AsrResponse(progress=progress, load=self.load)
            if heard > done and not pace.is_final_only:
                revision += 1
                yield AsrResponse(revision=_revision(done, revision, is_final=False), load=self.load)


@dataclass
class Mt(mt_pb2_grpc.MtServiceServicer):
    """Says in Spanish that it is Spanish, and remembers what it was asked."""

    asked: list[mt_pb2.SourceSegment] = field(default_factory=list)

    async def ListTranslators(
        self, request: mt_pb2.ListTranslatorsRequest, context: object
    ) -> mt_pb2.ListTranslatorsResponse:
        del request, context
        pair = mt_pb2.LanguagePair(source_language_code="en", target_language_code="es")
        return mt_pb2.ListTranslatorsResponse(
            translators=[mt_pb2.Translator(model="mt_fake", language_pairs=[pair], license="Apache-2.0")]
        )

    async def StreamingTranslate(self, requests: MtRequests, context: object) -> AsyncIterator[MtResponse]:
        del context
        async for request in requests:
            if request.HasField("segment"):
                self.asked.append(request.segment)
                yield MtResponse(revision=_translation(request.segment), load=CALM)


@asynccontextmanager
async def inner_services(asr: Asr, mt: Mt) -> AsyncIterator[dict[str, str]]:
    """Serve them while the block runs; the gateway's settings that name them."""
    server = grpc.aio.server()
    asr_pb2_grpc.add_AsrServiceServicer_to_server(asr, server)
    mt_pb2_grpc.add_MtServiceServicer_to_server(mt, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield {f"LIVETRANSLATE_{name}_URL": address for name in ("ASR", "MT", "TTS")}
    await server.stop(None)


def text_of(second: int) -> str:
    """What is said in a second."""
    return f"this is second {second}"


def _revision(start: int, revision: int, *, is_final: bool) -> asr_pb2.TranscriptRevision:
    text = text_of(start // SAMPLE_RATE_HERTZ)
    return asr_pb2.TranscriptRevision(
        segment_id=segment_id(start),
        revision=revision,
        committed_text=text if is_final else "this",
        unstable_text="" if is_final else "is",
        is_final=is_final,
        start_offset=duration_of_samples(start),
        end_offset=duration_of_samples(start + SAMPLE_RATE_HERTZ),
        language_code="en",
    )


def _translation(segment: mt_pb2.SourceSegment) -> mt_pb2.TranslationRevision:
    return mt_pb2.TranslationRevision(
        segment_id=segment.segment_id,
        language_code="es",
        source_revision=segment.revision,
        committed_text=f"es: {segment.committed_text}" if segment.is_final else "",
        unstable_text="" if segment.is_final else "es:",
        is_final=segment.is_final,
    )
