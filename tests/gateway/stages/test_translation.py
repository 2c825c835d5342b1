"""Translation: what mt is told when its stream begins anew."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import grpc
import pytest

from gateway.capabilities import Hops
from gateway.events import Target
from gateway.session import GatewaySession
from gateway.stages.translation import Translation
from livetranslate.v1 import asr_pb2, mt_pb2, mt_pb2_grpc
from tests.gateway.bodies import final
from tests.gateway.stages.serving import served, stage_context

Requests = AsyncIterator[mt_pb2.StreamingTranslateRequest]
Responses = AsyncIterator[mt_pb2.StreamingTranslateResponse]
Context = grpc.aio.ServicerContext[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]
NOW = 0.0
LAST = final(3).segment_id


class Mt(mt_pb2_grpc.MtServiceServicer):
    """Translates all segments but the last; the first stream breaks there, the second one answers it, too."""

    def __init__(self) -> None:
        self.streams: list[list[mt_pb2.StreamingTranslateRequest]] = []

    async def StreamingTranslate(self, requests: Requests, context: Context) -> Responses:
        requests_so_far: list[mt_pb2.StreamingTranslateRequest] = []
        self.streams.append(requests_so_far)
        targets = 0
        async for request in requests:
            requests_so_far.append(request)
            targets += len(request.config.targets) + len(request.targets.targets)
            segment = request.segment
            if segment.segment_id == LAST and len(self.streams) == 1:
                await context.abort(grpc.StatusCode.UNAVAILABLE)
            if request.HasField("segment") and targets:
                yield mt_pb2.StreamingTranslateResponse(
                    revision=mt_pb2.TranslationRevision(
                        segment_id=segment.segment_id, language_code="es", committed_text="hola", is_final=True
                    )
                )


@pytest.mark.parametrize("targets", [["es"], []])
async def test_a_stream_that_is_opened_early_says_what_will_be_needed(targets: list[str]) -> None:
    """Before anything is said, mt hears the targets; where there is none, nothing is opened."""
    mt, session = Mt(), GatewaySession("s", list(map(Target, targets)))  # type: ignore[abstract] # the stream alone

    async def on_translation() -> None:
        raise AssertionError("nothing was said")

    serve = partial(mt_pb2_grpc.add_MtServiceServicer_to_server, mt)
    async with (
        served(serve) as channel,
        stage_context(session, Hops(None, mt_pb2_grpc.MtServiceStub(channel), None)) as context,  # type: ignore[arg-type]
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        translation = Translation(context, on_translation)
        running = tasks.create_task(translation.run())
        await translation.open()
        await translation.finish()
        await running
    heard = [[target.language_code for target in config.config.targets] for (config,) in mt.streams]
    assert heard == ([targets] if targets else [])


async def test_mt_hears_again_what_a_translation_depends_on() -> None:
    """The two segments before the owed one come first, while there is no target, so that only what is owed is done."""
    mt, session = Mt(), GatewaySession("s", [Target("es")])  # type: ignore[abstract] # the stream alone is used
    for second in range(4):
        message = asr_pb2.TranscriptRevision(segment_id=final(second).segment_id, is_final=True)
        session.receive_transcript(replace(final(second), message=message), NOW)
    done = asyncio.Event()

    async def on_translation() -> None:
        if not session.transcripts_owed():
            done.set()

    async with (
        served(partial(mt_pb2_grpc.add_MtServiceServicer_to_server, mt)) as channel,
        stage_context(session, Hops(None, mt_pb2_grpc.MtServiceStub(channel), None)) as context,  # type: ignore[arg-type]
        asyncio.timeout(60),
        asyncio.TaskGroup() as tasks,
    ):
        stage = Translation(context, on_translation)
        running = tasks.create_task(stage.run())
        await stage.push()
        await done.wait()
        await stage.finish()
        await running
    config, earlier, later, targets, owed = mt.streams[-1]
    assert (list(config.config.targets), config.config.source_language_code) == ([], "en")
    assert [request.segment.segment_id for request in (earlier, later)] == [final(1).segment_id, final(2).segment_id]
    assert [target.language_code for target in targets.targets.targets] == ["es"]
    assert owed.segment.segment_id == LAST
