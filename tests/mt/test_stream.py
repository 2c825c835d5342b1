"""One stream of mt, with its requests and answers at hand."""

import asyncio
from collections.abc import AsyncIterator

from livetranslate.glossary import Glossary
from livetranslate.v1 import mt_pb2
from mt.job import Job, JobKind, Route, RouteModel, Translation
from mt.policy import Target
from mt.session import MtSession
from mt.stream import MtStream
from tests.mt.serving import draft, final, shout


async def test_a_draft_that_the_end_overtakes_is_cancelled() -> None:
    """Where the end comes while an answer waits for a slow reader, the draft under way does not hold the stream."""
    is_drafting, is_cancelled, is_sending, is_read, go_on = (asyncio.Event() for _ in range(5))

    async def requests() -> AsyncIterator[mt_pb2.StreamingTranslateRequest]:
        yield draft(2, "and")
        await is_drafting.wait()
        yield final(1, "one")
        await is_sending.wait()
        is_read.set()  # the end follows at once

    async def translate(job: Job, waited_seconds: float) -> Translation:
        if job.kind is JobKind.CLAUSE:
            return await shout(job, waited_seconds)
        is_drafting.set()
        try:
            return await asyncio.Future()
        finally:
            is_cancelled.set()

    async def send(answer: mt_pb2.StreamingTranslateResponse) -> None:
        is_sending.set()
        await go_on.wait()

    async def find_route(source: str, target: str) -> Route:
        return Route(target, (RouteModel("mt_test", source, target),))

    session = MtSession([Target("es")], Glossary(), draft_interval_seconds=0, final_limit=64)
    stream = MtStream(session, translate, find_route, "en")
    running = asyncio.ensure_future(stream.run(requests(), send, asyncio.Event()))
    await is_read.wait()
    assert session.is_done
    go_on.set()
    async with asyncio.timeout(60):
        await running
    assert is_cancelled.is_set()
