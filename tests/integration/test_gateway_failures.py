"""What may break behind the gateway or under it: captions go on where they can, and what was final is kept."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import grpc
import pytest

from livetranslate.client import AsyncClient, AsyncSession, TranslateError
from livetranslate.client.requests import session_config
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2, gateway_pb2_grpc
from tests.gateway.parts import NAMES, Parts
from tests.gateway.talk import talk
from tests.gateway.told import Told

PATIENCE_SECONDS = 30
SETTINGS = {
    "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0.5",
    "LIVETRANSLATE_GATEWAY_STALL_SECONDS": "1",
    "LIVETRANSLATE_GATEWAY_STORE_SECONDS": "3",
}
SMALL_WINDOW = [("grpc.http2.bdp_probe", 0)]  # otherwise gRPC takes megabytes that nobody has read
SENTENCE = talk(4).tobytes()

Events = AsyncIterator[gateway_pb2.SessionEvent]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Postgres]]:
    """A database that tests stop and start again: the one that runs."""
    running = [Postgres.start(tmp_path_factory.mktemp("database") / "data")]
    yield running
    running[0].stop()


@pytest.fixture(scope="module")
def parts(null_stack: Stack, database: list[Postgres], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """Services that tests kill and start again."""
    parts = Parts.beside(null_stack, tmp_path_factory.mktemp("parts"), database[0].url, SETTINGS)
    try:
        parts.start(*NAMES)
        yield parts
    finally:
        parts.stop()


@asynccontextmanager
async def talking(
    parts: Parts, targets: tuple[str, ...] = ("es",), speech: tuple[str, ...] = ()
) -> AsyncIterator[tuple[AsyncSession, Events, Told]]:
    """A session of which the first sentence is final in every way."""
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        AsyncClient(parts.gateway_address) as client,
        client.open_session(source="en", targets=targets, speech=speech) as session,
    ):
        events, told = aiter(session), Told()
        await say_sentence(session, events, told)
        yield session, events, told


async def say_sentence(session: AsyncSession, events: Events, told: Told) -> None:
    """Speak, and wait until the sentence is final and translated, or its translation given up."""
    before = len(told.finals)
    await session.send_audio(SENTENCE)
    await session.flush()
    await told.until(events, lambda told: len(told.finals) > before)
    if told.finals:
        await told.until(events, lambda told: answers(told) >= len(told.finals))


def answers(told: Told) -> int:
    return len(told.translated("es")) + told.notices.count("TRANSLATION_FAILED")


async def finish(session: AsyncSession, events: Events, told: Told) -> None:
    await session.finish()
    told.events += [event async for event in events]


async def test_without_mt_captions_go_on_until_it_is_back(parts: Parts) -> None:
    """Each segment is translated or has a notice, and translations come again by themselves."""
    async with talking(parts) as (session, events, told):
        parts.kill("mt")
        await say_sentence(session, events, told)
        assert "TRANSLATION_FAILED" in told.notices
        await captions_alone_still_start(parts)
        translated = len(told.translated("es"))
        parts.start("mt")
        while len(told.translated("es")) == translated:
            await say_sentence(session, events, told)
        await finish(session, events, told)
    assert answers(told) == len(told.finals)
    assert told.numbers == list(range(1, len(told.finals) + len(told.translated("es")) + 1))
    assert told.checkpoints[-1] == told.summary.audio_duration.ToMilliseconds() * 16


async def captions_alone_still_start(parts: Parts) -> None:
    """A new session that needs neither mt nor tts asks nothing of them."""
    async with AsyncClient(parts.gateway_address) as client:
        captions = await Told.of(client.translate([SENTENCE], source="en"))
        with pytest.raises(TranslateError) as raised:
            await client.capabilities()
    assert captions.finals
    assert raised.value.reason == "MT_UNAVAILABLE"


async def test_without_tts_captions_and_translations_go_on_until_it_is_back(parts: Parts) -> None:
    """Each translation is spoken or has a notice, and speech comes again by itself."""
    async with talking(parts, speech=("es",)) as (session, events, told):
        parts.kill("tts")
        await told.until(events, lambda told: bool(told.speech or "SYNTHESIS_FAILED" in told.notices))
        while "SYNTHESIS_FAILED" not in told.notices:
            await say_sentence(session, events, told)
        spoken = len(spoken_segments(told))
        parts.start("tts")
        while len(spoken_segments(told)) == spoken:
            await say_sentence(session, events, told)
        await finish(session, events, told)
    assert told.translated("es") == list(told.finals)
    failed = {event.notice.segment_id for event in told.events if event.HasField("notice")}
    assert failed | spoken_segments(told) == set(told.finals)
    assert told.notices.count("SYNTHESIS_FAILED") == len(failed)


def spoken_segments(told: Told) -> set[str]:
    return {speech.audio.segment_id for speech in told.speech if speech.audio.is_last}


async def test_without_asr_the_session_ends_and_keeps_its_finals(parts: Parts) -> None:
    """The client is told that asr is away, and can find what was final."""
    async with talking(parts) as (_, events, told):
        parts.kill("asr")
        with pytest.raises(TranslateError) as raised:
            await told.until(events, lambda _: False)
    parts.start("asr")
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.UNAVAILABLE, "ASR_UNAVAILABLE")
    async with AsyncClient(parts.gateway_address) as client:
        stored = await client.get_session(told.session_id)
        watched = await Told.of(client.watch(told.session_id))
    assert stored.state == gateway_pb2.SESSION_STATE_INTERRUPTED
    assert watched.finals == told.finals
    assert watched.translated("es") == told.translated("es")


async def test_an_outage_of_the_database_is_told_and_heals(parts: Parts, database: list[Postgres]) -> None:
    """Captions go on while checkpoints stand still; once it is back everything is stored."""
    async with talking(parts) as (session, events, told):
        await told.until(events, lambda told: bool(told.checkpoints))
        database[0].stop()
        await say_sentence(session, events, told)
        await told.until(events, lambda told: "STORE_UNAVAILABLE" in told.notices)
        checkpoints = len(told.checkpoints)
        await say_sentence(session, events, told)
        assert len(told.checkpoints) <= checkpoints + 1  # one may have been under way
        database[0] = Postgres.start(database[0].folder)
        await finish(session, events, told)
    assert told.checkpoints[-1] == told.summary.audio_duration.ToMilliseconds() * 16
    async with AsyncClient(parts.gateway_address) as client:
        watched = await Told.of(client.watch(told.session_id))
    assert watched.finals == told.finals
    assert watched.numbers == told.numbers


async def test_a_session_that_cannot_be_stored_does_not_end_well(parts: Parts, database: list[Postgres]) -> None:
    """There is no summary where results may be lost: the status says that the database is away."""
    async with talking(parts) as (session, events, told):
        database[0].stop()
        await say_sentence(session, events, told)
        with pytest.raises(TranslateError) as raised:
            await finish(session, events, told)
    database[0] = Postgres.start(database[0].folder)
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")


async def test_a_client_that_never_reads_is_let_go(parts: Parts) -> None:
    """Its session ends by the stall timeout, what was final is stored, and it learns why once it reads."""
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        AsyncClient(parts.gateway_address) as other,
        grpc.aio.insecure_channel(parts.gateway_address, options=SMALL_WINDOW) as channel,
    ):
        call = gateway_pb2_grpc.LiveTranslateServiceStub(channel).StreamingTranslateSpeech()
        async with AsyncSession(call, session_config(source="en", speech=["es"])) as session:
            events = aiter(session)
            session_id = (await anext(events)).session_started.session_id
            sending = asyncio.create_task(send_without_end(session))
            watched = await Told.of(other.watch(session_id))  # until the session ends
            with pytest.raises(TranslateError) as raised:
                async for _ in events:
                    pass
            await asyncio.gather(sending, return_exceptions=True)
        stored = await other.get_session(session_id)
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "CLIENT_STALLED")
    assert stored.state == gateway_pb2.SESSION_STATE_INTERRUPTED
    assert stored.segment_count == len(watched.finals) > 0


async def send_without_end(session: AsyncSession) -> None:
    while True:
        await session.send_audio(SENTENCE)


async def test_a_gateway_that_is_told_to_stop_finishes_its_sessions(parts: Parts) -> None:
    """The client gets a notice, what is under way becomes final, and the summary ends the stream."""
    async with talking(parts) as (session, events, told):
        await session.send_audio(SENTENCE)
        process = parts.services["gateway"].process
        os.kill(process.pid, signal.SIGTERM)
        told.events += [event async for event in events]
        status = process.stop(PATIENCE_SECONDS)
    parts.start("gateway")
    assert status == 0
    assert "DRAINING" in told.notices
    assert told.kinds[-1] == "summary"
    assert told.translated("es") == list(told.finals)
    assert told.summary.audio_duration.ToMilliseconds() == 8_000


async def test_no_speech_and_no_text_is_logged(parts: Parts) -> None:
    """Whatever went wrong, what was said stays out of the logs, and nothing was our own mistake."""
    async with talking(parts) as (session, events, told):
        await finish(session, events, told)
    for name in NAMES:
        log = parts.log(name)
        assert log
        assert "word word" not in log
        assert "Traceback" not in log
        assert "handler failed" not in log


def test_without_a_database_the_gateway_does_not_start(null_stack: Stack) -> None:
    """It ends with a line that says which variable to set."""
    env = {
        **os.environ,
        "LIVETRANSLATE_GATEWAY_LISTEN": "127.0.0.1:0",
        "LIVETRANSLATE_GATEWAY_DATABASE_WAIT_SECONDS": "0.2",
        "LIVETRANSLATE_DATABASE_URL": "postgresql://nobody:secret@127.0.0.1:1/none",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "gateway"], env=env, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 1
    assert "LIVETRANSLATE_DATABASE_URL" in ended.stderr
    assert "secret" not in ended.stderr
