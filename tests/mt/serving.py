"""A running mt for tests: a real server on a free port, its translator a plain function."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc

from livetranslate.directory import ModelDirectory
from livetranslate.load_meter import LoadMeter
from livetranslate.server import Server
from livetranslate.triton import TritonClient
from livetranslate.v1 import mt_pb2, mt_pb2_grpc, types_pb2
from mt.job import Job, Translation
from mt.service import MtService
from mt.settings import MtSettings
from tests.fake_triton import FakeTriton, served
from tests.rpc import read_all

MODEL = {"task": "mt", "language_pairs": "en-es en-ca", "license": "MIT"}

Request = mt_pb2.StreamingTranslateRequest
Call = grpc.aio.StreamStreamCall[mt_pb2.StreamingTranslateRequest, mt_pb2.StreamingTranslateResponse]


@dataclass
class Running:
    """A server, a client's stub for it, and the Triton behind it."""

    stub: "mt_pb2_grpc.MtServiceAsyncStub"  # known to the type checker only
    server: Server
    triton: FakeTriton


async def shout(job: Job, waited_seconds: float) -> Translation:
    """Translate by raising the voice."""
    return Translation(f"{job.text.upper()} {job.route.models[0].target}")


@asynccontextmanager
async def running(
    translate: Callable[[Job, float], Awaitable[Translation]] = shout,
    settings: MtSettings | None = None,
    takes: str = "",
) -> AsyncIterator[Running]:
    """Serve while the block runs, one model that `takes` some inputs; afterwards no task may be left."""
    before = asyncio.all_tasks()
    triton = FakeTriton({"mt_test": {**MODEL, "takes": takes}})
    settings = settings or MtSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=2, draft_interval_ms=0)
    async with served(triton) as address:
        client = TritonClient(address)
        server = Server(settings, "livetranslate.v1.MtService")
        service = MtService(settings, ModelDirectory(client, "mt"), translate, server.drain, LoadMeter())
        mt_pb2_grpc.add_MtServiceServicer_to_server(service, server.grpc)
        port = await server.start()
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Running(mt_pb2_grpc.MtServiceStub(channel), server, triton)
        finally:
            await server.stop()
            await client.close()
    assert await server.drain.idle(0)
    ours = [task for task in asyncio.all_tasks() - before if "mt/" in str(task.get_coro())]
    assert not ours


def config(*targets: str, source: str = "en", glossary: types_pb2.Glossary | None = None) -> Request:
    """The first request."""
    wanted = mt_pb2.TranslationConfig(source_language_code=source, targets=map(_target, targets), glossary=glossary)
    return mt_pb2.StreamingTranslateRequest(config=wanted)


def targets(
    *languages: str, policy: "mt_pb2.TranslationPolicy.ValueType" = mt_pb2.TRANSLATION_POLICY_UNSPECIFIED
) -> Request:
    """A change of the targets."""
    wanted = [mt_pb2.TranslationTarget(language_code=language, policy=policy) for language in languages]
    return mt_pb2.StreamingTranslateRequest(targets=mt_pb2.TranslationTargets(targets=wanted))


def final(number: int, text: str, language: str = "") -> Request:
    """A segment's last revision."""
    segment = mt_pb2.SourceSegment(
        segment_id=f"{number:012d}", committed_text=text, is_final=True, language_code=language
    )
    return mt_pb2.StreamingTranslateRequest(segment=segment)


def draft(number: int, text: str, committed: str = "") -> Request:
    """A revision that is not final."""
    segment = mt_pb2.SourceSegment(segment_id=f"{number:012d}", committed_text=committed, unstable_text=text)
    return mt_pb2.StreamingTranslateRequest(segment=segment)


async def next_revision(call: Call) -> mt_pb2.TranslationRevision:
    """The revision that comes next."""
    answer = await call.read()
    assert isinstance(answer, mt_pb2.StreamingTranslateResponse), "the stream has ended"
    return answer.revision


async def answers(call: Call) -> list[mt_pb2.StreamingTranslateResponse]:
    """All answers until the end of the stream."""
    return await read_all(call)


def _target(language: str) -> mt_pb2.TranslationTarget:
    return mt_pb2.TranslationTarget(language_code=language)
