"""Recognition: what is kept of the audio that has words, and how closely asr follows."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from gateway.capabilities import Hops
from gateway.degradation import Degradation
from gateway.events import Target
from gateway.reference import Reference
from gateway.session import GatewaySession
from gateway.stages.recognition import Recognition
from livetranslate.load import Load
from livetranslate.load_meter import load_to_proto
from livetranslate.v1 import asr_pb2, asr_pb2_grpc, types_pb2
from livetranslate.wire import duration_of_samples
from tests.gateway.bodies import SECOND, final
from tests.gateway.stages.serving import served, stage_context
from tests.gateway.world.speech import audio

Requests = AsyncIterator[asr_pb2.StreamingRecognizeRequest]
Response = asr_pb2.StreamingRecognizeResponse
Said = tuple[int, int, str]

WORDS, NOISE, MORE_WORDS = (1, 3, "good"), (3, 6, ""), (8, 12, "morning")  # from, to (seconds), and what was said


class Asr(asr_pb2_grpc.AsrServiceServicer):
    """Tells of segments once all audio has come; the first stream breaks after the first of them."""

    def __init__(self) -> None:
        self.stream_count = 0

    async def StreamingRecognize(self, requests: Requests, context: object) -> AsyncIterator[Response]:
        del context
        self.stream_count += 1
        if self.stream_count > 1:
            async for _ in requests:
                pass
        for said in (WORDS, NOISE, MORE_WORDS):
            yield Response(revision=_revision(*said))
            if self.stream_count == 1:
                raise RuntimeError


def _revision(start: int, end: int, text: str) -> asr_pb2.TranscriptRevision:
    return asr_pb2.TranscriptRevision(
        segment_id=final(start).segment_id,
        revision=1,
        committed_text=text,
        is_final=True,
        start_offset=duration_of_samples(start * SECOND),
        end_offset=duration_of_samples(end * SECOND),
    )


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_what_was_said_is_kept_for_a_voice_that_imitates(is_wanted: bool) -> None:
    """Where that is wanted: each segment with words once, and nothing between them."""
    session, reference = GatewaySession("s", [Target("es")]), Reference(is_wanted=is_wanted)

    async def on_transcript() -> None:
        pass

    serve = partial(asr_pb2_grpc.add_AsrServiceServicer_to_server, Asr())  # type: ignore[abstract] # the stream alone is used
    async with (
        served(serve) as channel,
        stage_context(session, Hops(asr_pb2_grpc.AsrServiceStub(channel), None, None), reference) as context,  # type: ignore[arg-type]
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        stage = Recognition(context, on_transcript)
        running = tasks.create_task(stage.run())
        await stage.receive_audio(audio(0, 13 * SECOND))
        await stage.finish()
        await running
    expected = audio(SECOND, 3 * SECOND) + audio(8 * SECOND, 12 * SECOND)
    assert reference.audio == (expected if is_wanted else b"")


class Listener(asr_pb2_grpc.AsrServiceServicer):
    """Tells how busy it is with each position; a stream breaks when its audio has come for the first time."""

    def __init__(self) -> None:
        self.streams: list[list[str]] = []  # what each was asked, in order

    async def StreamingRecognize(self, requests: Requests, context: object) -> AsyncIterator[Response]:
        del context
        asked: list[str] = []
        self.streams.append(asked)
        async for request in requests:
            asked.append(_name(request))
            if request.audio:
                load = load_to_proto(Load(queue_wait_seconds=len(self.streams)))
                yield Response(progress=asr_pb2.RecognitionProgress(), load=load)
                if len(self.streams) == 1:
                    raise RuntimeError


def _name(request: asr_pb2.StreamingRecognizeRequest) -> str:
    kind = request.WhichOneof("streaming_request") or ""
    return f"{kind} {request.pace.is_final_only}" if kind == "pace" else kind


async def test_a_busy_asr_is_told_to_follow_less_closely() -> None:
    """Before the next audio, each stream anew; nothing where it is as it was. What asr tells of its load is heard."""
    asr, session, loads = Listener(), GatewaySession("s", []), []  # type: ignore[abstract] # the stream alone is used
    broken = asyncio.Event()

    def receive_load(service: str, load: types_pb2.Load) -> None:
        loads.append((service, load.queue_wait.seconds))
        broken.set()

    async def on_transcript() -> None:
        raise AssertionError("nothing was said")

    serve = partial(asr_pb2_grpc.add_AsrServiceServicer_to_server, asr)
    async with (
        served(serve) as channel,
        stage_context(
            session,
            Hops(asr_pb2_grpc.AsrServiceStub(channel), None, None),  # type: ignore[arg-type]
            receive_load=receive_load,
        ) as context,
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        stage = Recognition(context, on_transcript)
        running = tasks.create_task(stage.run())
        stage.degrade(Degradation.NO_PARTIALS)
        stage.degrade(Degradation.NO_PARTIALS)
        await stage.receive_audio(audio(0, SECOND))
        await broken.wait()
        stage.degrade(Degradation.WIDER_STEPS)
        await stage.finish()
        await running
    assert asr.streams == [["config", "pace True", "audio"], ["config", "pace False", "audio"]]
    assert loads == [("asr", 1), ("asr", 2)]
