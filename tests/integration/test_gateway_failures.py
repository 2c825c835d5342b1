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
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2
from tests.gateway.parts import NAMES, Parts
from tests.gateway.raw_session import RawSession, Request, config, resume
from tests.gateway.states import until_stored_again, until_suspended
from tests.gateway.talk import talk
from tests.gateway.told import Told

PATIENCE_SECONDS = 120
SETTINGS = {
    "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0.5",
    "LIVETRANSLATE_GATEWAY_STALL_SECONDS": "1",
    "LIVETRANSLATE_GATEWAY_STORE_SECONDS": "3",
    "LIVETRANSLATE_GATEWAY_HOP_PATIENCE_SECONDS": "20",
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
        client.open_session(source="en", targets=targets, speech=speech, reconnect_seconds=0) as session,
    ):
        events, told = aiter(session), Told()
        await say_sentence(session, events, told)
        yield session, events, told


async def say(session: AsyncSession, events: Events, told: Told) -> None:
    """Speak, and wait until the sentence is final."""
    before = len(told.finals)
    await session.send_audio(SENTENCE)
    await session.flush()
    await told.until(events, lambda told: len(told.finals) > before)


async def say_sentence(session: AsyncSession, events: Events, told: Told) -> None:
    """Speak, and wait until the sentence is final and translated, or its translation given up."""
    await say(session, events, told)
    if told.finals:
        await told.until(events, lambda told: answers(told) >= len(told.finals))


def answers(told: Told) -> int:
    return len(told.translated("es")) + told.notices.count("TRANSLATION_FAILED")


async def finish(session: AsyncSession, events: Events, told: Told) -> None:
    await session.finish()
    told.events += [event async for event in events]


async def test_without_mt_captions_go_on_and_translations_come_late(parts: Parts) -> None:
    """Nothing is given up while mt is away for a while, and each final is translated once."""
    async with talking(parts) as (session, events, told):
        parts.kill("mt")
        await say(session, events, told)
        await captions_alone_still_start(parts)
        await told.until(events, lambda told: "SERVICE_UNAVAILABLE" in told.notices)
        parts.start("mt")
        await finish(session, events, told)
    assert told.translated("es") == list(told.finals)
    assert told.numbers == list(range(1, 2 * len(told.finals) + 1))
    assert told.checkpoints[-1] == told.summary.audio_duration.ToMilliseconds() * 16


async def test_what_mt_owes_for_too_long_is_given_up(parts: Parts) -> None:
    """Then each segment has a notice, the watermark goes on, and so do translations once mt is back."""
    async with talking(parts) as (session, events, told):
        parts.kill("mt")
        await say(session, events, told)
        await told.until(events, lambda told: "TRANSLATION_FAILED" in told.notices)
        parts.start("mt")
        await say(session, events, told)
        await finish(session, events, told)
    assert answers(told) == len(told.finals)
    assert list(told.finals)[-1] in told.translated("es")
    assert told.checkpoints[-1] == told.summary.audio_duration.ToMilliseconds() * 16


async def captions_alone_still_start(parts: Parts) -> None:
    """A new session that needs neither mt nor tts asks nothing of them."""
    async with AsyncClient(parts.gateway_address) as client:
        captions = await Told.of(client.translate([SENTENCE], source="en"))
        known = await client.capabilities()
    assert captions.finals
    assert known.translators  # as they were


async def test_without_tts_speech_comes_late_and_once(parts: Parts) -> None:
    """What tts owed when it died is spoken by the next one, without what was heard already."""
    async with talking(parts, speech=("es",)) as (session, events, told):
        parts.kill("tts")
        await say(session, events, told)
        parts.start("tts")
        await finish(session, events, told)
    last = [speech.audio.segment_id for speech in told.speech if speech.audio.is_last]
    assert last == list(told.finals)
    lengths = dict.fromkeys(last, 0)
    for speech in told.speech:
        lengths[speech.audio.segment_id] += len(speech.audio.audio)
    assert all(lengths.values())


async def test_without_asr_the_session_goes_on_when_it_is_back(parts: Parts) -> None:
    """The client notices nothing but the delay: the same segments with the same words, each once."""
    audio = talk(14).tobytes()
    async with AsyncClient(parts.gateway_address) as client:
        undisturbed = await Told.of(client.translate([audio], source="en", targets=["es"]))
        async with client.open_session(source="en", targets=["es"]) as session:
            events, told = aiter(session), Told()
            await session.send_audio(audio[: len(audio) // 2])
            await told.until(events, lambda told: bool(told.transcripts))
            parts.kill("asr")
            await session.send_audio(audio[len(audio) // 2 :])
            parts.start("asr")
            await finish(session, events, told)
    assert told.finals == undisturbed.finals
    assert told.translated("es") == undisturbed.translated("es")
    assert told.checkpoints == sorted(told.checkpoints)


async def test_without_asr_for_too_long_the_stream_ends_and_the_session_can_be_resumed(parts: Parts) -> None:
    """The client is told that asr is away; the session waits for it, with its finals."""
    async with talking(parts) as (session, events, told):
        parts.kill("asr")
        with pytest.raises(TranslateError) as raised:
            await told.until(events, lambda _: False)
        rest = session.resume_token
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.UNAVAILABLE, "ASR_UNAVAILABLE")
    parts.start("asr")
    async with AsyncClient(parts.gateway_address) as client:
        stored = await client.get_session(told.session_id)
        assert stored.state == gateway_pb2.SESSION_STATE_SUSPENDED
        async with client.resume_session(told.session_id, rest) as session:
            await session.finish()
            again = await Told.of(session)
    assert again.kinds[-1] == "summary"
    assert again.summary.segment_count == len(told.finals)


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
    """There is no summary where results may be lost: the session can be resumed, and ends well then."""
    async with talking(parts) as (session, events, told):
        database[0].stop()
        await say_sentence(session, events, told)
        with pytest.raises(TranslateError) as raised:
            await finish(session, events, told)
    database[0] = Postgres.start(database[0].folder)
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
    async with AsyncClient(parts.gateway_address) as client:
        await until_stored_again(client, told.session_id)
    async with RawSession.opened(parts.gateway_address, resume(told, audio_sample=0)) as resumed:
        for _ in told.finals:
            await resumed.send_audio(SENTENCE)
            await resumed.send(Request(flush=gateway_pb2.FlushRequest()))
        again = await resumed.finish()
    assert again.summary.segment_count == len(told.finals)


async def test_a_client_that_never_reads_is_let_go(parts: Parts) -> None:
    """Its stream ends by the stall timeout, what was final is stored, and it learns why once it reads."""
    wish = config(("es",), speech=True)
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        AsyncClient(parts.gateway_address) as other,
        RawSession.opened(parts.gateway_address, wish, SMALL_WINDOW) as session,
    ):
        sending = asyncio.create_task(send_without_end(session))
        session_id = session.told.session_id
        await until_suspended(other, session_id)
        with pytest.raises(TranslateError) as raised:
            await session.until(lambda _: False)
        await asyncio.gather(sending, return_exceptions=True)
        stored = await other.get_session(session_id)
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "CLIENT_STALLED")
    assert stored.segment_count > 0


async def send_without_end(session: RawSession) -> None:
    while True:
        await session.send_audio(SENTENCE)


async def test_a_gateway_that_is_told_to_stop_hands_its_sessions_on(parts: Parts) -> None:
    """The client gets a notice, then UNAVAILABLE; no segment is cut, and the session goes on at the next gateway."""
    audio = talk(14).tobytes()
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with RawSession.opened(parts.gateway_address, config()) as session:
            await session.send_audio(audio[: len(audio) // 2])
            await session.until(lambda told: bool(told.numbers))
            process = parts.services["gateway"].process
            os.kill(process.pid, signal.SIGTERM)
            with pytest.raises(TranslateError) as raised:
                await session.until(lambda _: False)
            before = session.told
        status = process.stop(PATIENCE_SECONDS)
        parts.start("gateway")
        async with RawSession.opened(parts.gateway_address, resume(before)) as session:
            await session.send_audio(audio[session.told.resume_sample * 2 :])
            after = await session.finish()
        async with RawSession.opened(parts.gateway_address, config()) as session:
            await session.send_audio(audio)
            undisturbed = await session.finish()
    assert status == 0
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert "DRAINING" in before.notices
    assert before.finals | after.finals == undisturbed.finals
    assert after.summary.word_count == undisturbed.summary.word_count


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
        [sys.executable, "-m", "gateway"], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "LIVETRANSLATE_DATABASE_URL" in ended.stderr
    assert "secret" not in ended.stderr
