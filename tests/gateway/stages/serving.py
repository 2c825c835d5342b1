"""A stage of one session, and the service that it talks to, without anything around them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import grpc

from gateway.capabilities import Hops
from gateway.options import SessionOptions
from gateway.recorder import Recorder
from gateway.reference import Reference
from gateway.session import GatewaySession
from gateway.session_metrics import ResultInstruments, SessionMetrics
from gateway.stages.context import StageContext
from gateway.store.writer import StoreWriter
from gateway.trace import SegmentSpans
from livetranslate.breakers import Breakers
from livetranslate.v1 import types_pb2

THREADS = ThreadPoolExecutor(1, "codec")


@asynccontextmanager
async def served(add_to: Callable[[grpc.aio.Server], None]) -> AsyncIterator[grpc.aio.Channel]:
    """A connection to a server that has one service."""
    server = grpc.aio.server()
    add_to(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


@asynccontextmanager
async def stage_context(
    session: GatewaySession,
    hops: Hops,
    reference: Reference | None = None,
    patience_seconds: float = 60,
    receive_load: Callable[[str, types_pb2.Load], None] = lambda _service, _load: None,
) -> AsyncIterator[StageContext]:
    """What a stage has; whatever is to be stored is stored at once."""

    async def apply(receive: Callable[[], None]) -> None:
        receive()

    async def write(_: object) -> list[tuple[str, int]]:
        return []

    spans = SegmentSpans(session.session_id)
    async with StoreWriter(write) as writer:
        recorder = Recorder(
            session,
            1,
            writer,
            spans,
            SessionMetrics(session, ResultInstruments()),
            stores_audio=False,
            stores_speech=False,
            on_news=lambda: None,
            on_durable=lambda _: None,
            is_superseded=asyncio.Event(),
        )
        yield StageContext(
            source_language="en",
            options=SessionOptions(),
            session=session,
            reference=reference or Reference(),
            recorder=recorder,
            hops=hops,
            breakers=Breakers("asr", "mt", "tts", failure_limit=1000),
            spans=spans,
            codec_threads=THREADS,
            apply=apply,
            receive_load=receive_load,
            patience_seconds=patience_seconds,
        )
