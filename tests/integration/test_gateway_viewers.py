"""Viewers on another replica than the one that runs the session, and when that one dies."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager

import pytest

from livetranslate.client import AsyncClient
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2
from tests.gateway.parts import Parts
from tests.gateway.raw_session import RawSession, config, resume
from tests.gateway.talk import talk
from tests.gateway.told import Told

INNER = ("asr", "mt", "tts", "triton")
AUDIO = talk(14).tobytes()
HALF = len(AUDIO) // 2


@pytest.fixture(scope="module")
def replicas(null_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Parts, Parts]]:
    """Two gateways on one database, beside the same services."""
    database = Postgres.start(tmp_path_factory.mktemp("database") / "data")
    inner = {f"LIVETRANSLATE_{name.upper()}_URL": null_stack.addresses[name] for name in INNER}
    first, second = (
        Parts.beside(null_stack, tmp_path_factory.mktemp(name), database.url, inner) for name in ("first", "second")
    )
    try:
        first.start("gateway")
        second.start("gateway")
        yield first, second
    finally:
        first.stop()
        second.stop()
        database.stop()


@asynccontextmanager
async def viewer(address: str, session_id: str) -> AsyncIterator[AsyncIterator[gateway_pb2.SessionEvent]]:
    """Somebody who follows a session from its beginning."""
    async with AsyncClient(address) as client, aclosing(client.watch(session_id)) as events:
        yield aiter(events)


async def test_a_viewer_elsewhere_sees_what_is_said(replicas: tuple[Parts, Parts]) -> None:
    """Partial texts over the bus, every final once and in order, and the totals."""
    first, second = replicas
    async with (
        RawSession.opened(first.gateway_address, config()) as session,
        viewer(second.gateway_address, session.told.session_id) as events,
    ):
        watched = Told()
        await session.send_audio(AUDIO[:HALF])
        await watched.until(events, lambda told: len(told.numbers) >= 2)
        await session.send_audio(AUDIO[HALF:])
        told = await session.finish()
        await watched.until(events, lambda told: told.kinds[-1] == "summary")
    assert watched.numbers == told.numbers
    assert watched.finals == told.finals
    assert watched.translated("es") == told.translated("es")
    assert watched.summary.word_count == told.summary.word_count


async def test_a_viewer_elsewhere_sees_partials(replicas: tuple[Parts, Parts]) -> None:
    """While somebody speaks: what the segment may become."""
    first, second = replicas
    async with (
        RawSession.opened(first.gateway_address, config()) as session,
        viewer(second.gateway_address, session.told.session_id) as events,
    ):
        speaking = asyncio.create_task(_speak_slowly(session))
        watched = Told()
        await watched.until(events, lambda told: any(t.revision.unstable_text for t in told.transcripts))
        speaking.cancel()
        await asyncio.wait([speaking])


async def _speak_slowly(session: RawSession) -> None:
    """In real time, again and again."""
    while True:
        for start in range(0, len(AUDIO), 3_200):
            await session.send_audio(AUDIO[start : start + 3_200])
            await asyncio.sleep(0.1)


async def test_viewers_stay_when_the_session_moves(replicas: tuple[Parts, Parts]) -> None:
    """Its gateway is killed and the session goes on where a viewer waits: no final is missing, none comes twice."""
    first, second = replicas
    async with RawSession.opened(first.gateway_address, config()) as session:
        session_id = session.told.session_id
        async with viewer(second.gateway_address, session_id) as events:
            watched = Told()
            await session.send_audio(AUDIO[:HALF])
            await watched.until(events, lambda told: len(told.numbers) >= 2)
            before = await session.until(lambda told: bool(told.checkpoints))
            first.kill("gateway")
            async with RawSession.opened(second.gateway_address, resume(before)) as resumed:
                await resumed.send_audio(AUDIO[resumed.told.resume_sample * 2 :])
                after = await resumed.finish()
            await watched.until(events, lambda told: told.kinds[-1] == "summary")
    first.start("gateway")
    assert watched.numbers == list(range(1, after.numbers[-1] + 1))
    assert watched.finals == {**before.finals, **after.finals}
    assert watched.translated("es") == list(watched.finals)
