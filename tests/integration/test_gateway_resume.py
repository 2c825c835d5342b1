"""Sessions that go on after a break: on any replica, with what was missed, from where audio is needed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import grpc
import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack
from livetranslate.v1 import gateway_pb2
from tests.gateway.parts import Parts
from tests.gateway.raw_session import CONTAINER, RawSession, config, resume
from tests.gateway.states import until_suspended
from tests.gateway.talk import in_container, talk
from tests.gateway.told import Told

INNER = {f"LIVETRANSLATE_{name.upper()}_URL": name for name in ("asr", "mt", "tts", "triton")}
AUDIO = talk(14).tobytes()
HALF = len(AUDIO) // 2


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A database that the replicas share."""
    running = Postgres.start(tmp_path_factory.mktemp("database") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def replicas(
    null_stack: Stack, database: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Parts, Parts]]:
    """Two gateways beside the same services: one to lose, and one with small limits."""
    inner = {variable: null_stack.addresses[name] for variable, name in INNER.items()}
    limits = {
        "LIVETRANSLATE_GATEWAY_MAX_SESSIONS": "4",
        "LIVETRANSLATE_GATEWAY_RESUME_SECONDS": "1",
        "LIVETRANSLATE_GATEWAY_INACTIVITY_SECONDS": "1.5",
        "LIVETRANSLATE_GATEWAY_MAX_SESSION_SECONDS": "20",
        "LIVETRANSLATE_GATEWAY_DRAIN_SECONDS": "0.2",
    }
    both = (
        Parts.beside(null_stack, tmp_path_factory.mktemp("first"), database.url, inner),
        Parts.beside(null_stack, tmp_path_factory.mktemp("second"), database.url, {**inner, **limits}),
    )
    try:
        for parts in both:
            parts.start("gateway")
        yield both
    finally:
        for parts in both:
            parts.stop()


@pytest.fixture
async def first(replicas: tuple[Parts, Parts]) -> str:
    """The address of the first gateway."""
    return replicas[0].gateway_address


@pytest.fixture
async def second(replicas: tuple[Parts, Parts]) -> str:
    """The address of the second gateway."""
    return replicas[1].gateway_address


@pytest.fixture
async def undisturbed(first: str) -> Told:
    """What a session without a break says."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO)
        return await session.finish()


def merged(before: Told, after: Told) -> Told:
    """What a client that keeps finals by segment and language has in the end."""
    return Told([*before.events, *after.events])


async def assert_stored_equals(address: str, session_id: str, undisturbed: Told) -> None:
    """The store has each final once, numbered without gaps."""
    async with AsyncClient(address) as client:
        stored = await Told.of(client.watch(session_id))
    assert stored.finals == undisturbed.finals
    assert stored.translated("es") == undisturbed.translated("es")
    assert stored.numbers == list(range(1, len(undisturbed.numbers) + 1))
    assert stored.summary == gateway_pb2.SessionSummary(
        session_id=session_id,
        audio_duration=undisturbed.summary.audio_duration,
        speech_duration=undisturbed.summary.speech_duration,
        segment_count=undisturbed.summary.segment_count,
        translation_count=undisturbed.summary.translation_count,
        word_count=undisturbed.summary.word_count,
    )


async def test_a_session_goes_on_at_another_replica(
    replicas: tuple[Parts, Parts], first: str, second: str, undisturbed: Told
) -> None:
    """Its gateway is killed; the other one takes it up, tells what was missed, and every word is there once."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        before = await session.until(lambda told: bool(told.checkpoints) and bool(told.checkpoints[-1]))
        replicas[0].kill("gateway")
    async with RawSession.opened(second, resume(before)) as session:
        started = session.told.started
        assert started.is_resumed
        assert session.told.resume_sample >= before.checkpoints[-1]
        await session.send_audio(AUDIO[session.told.resume_sample * 2 :])
        after = await session.finish()
    replicas[0].start("gateway")
    assert merged(before, after).finals == undisturbed.finals
    assert after.checkpoints == sorted(after.checkpoints)
    assert after.checkpoints[-1] == undisturbed.checkpoints[-1]
    assert after.summary.word_count == undisturbed.summary.word_count
    await assert_stored_equals(second, before.session_id, undisturbed)


async def test_missed_events_come_first_and_once(first: str, second: str) -> None:
    """A client that knows only the first event gets all others that are stored, in order."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO)
        before = await session.until(lambda told: len(told.numbers) >= 4 and bool(told.checkpoints))
    request = resume(before)
    request.resume.last_event_number = 1
    async with RawSession.opened(second, request) as session:
        last = session.told.started.last_event_number
        assert last >= 2
        after = await session.until(lambda told: len(told.numbers) >= last - 1)
    assert after.numbers[: last - 1] == list(range(2, last + 1))


async def test_a_take_over_ends_the_stream_before(first: str, second: str, undisturbed: Told) -> None:
    """The second stream gets the session, on another replica or the same; the first is told and closed."""
    async with RawSession.opened(first, config()) as one:
        await one.send_audio(AUDIO[:HALF])
        before = await one.until(lambda told: bool(told.numbers))
        async with RawSession.opened(second, resume(before, audio_sample=0)) as two:
            with pytest.raises(TranslateError) as ended:
                await one.until(lambda _: False)
            async with RawSession.opened(second, resume(before, audio_sample=0)) as three:
                with pytest.raises(TranslateError) as ended_here:
                    await two.until(lambda _: False)
                await three.send_audio(AUDIO)
                await three.finish()
    for error in (ended.value, ended_here.value):
        assert (error.code, error.reason) == (grpc.StatusCode.ABORTED, "SESSION_TAKEN_OVER")
    await assert_stored_equals(second, before.session_id, undisturbed)


async def test_a_completed_session_is_told_to_its_end(first: str, second: str) -> None:
    """Who lost the connection just before the summary gets it by resuming."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO)
        told = await session.finish()
    async with RawSession.opened(second, resume(Told(told.events[:1]))) as session:
        again = await session.until(lambda told: told.kinds[-1] == "summary")
    assert again.finals == told.finals
    assert again.numbers == told.numbers
    assert again.summary.word_count == told.summary.word_count


async def test_only_the_token_resumes(first: str) -> None:
    """A wrong token and an unknown session are refused, and the session goes on undisturbed."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        for token, code, reason in [
            ("wrong", grpc.StatusCode.PERMISSION_DENIED, "RESUME_TOKEN_WRONG"),
            ("", grpc.StatusCode.PERMISSION_DENIED, "RESUME_TOKEN_WRONG"),
        ]:
            with pytest.raises(TranslateError) as raised:
                async with RawSession.opened(first, resume(session.told, token=token)):
                    pass
            assert (raised.value.code, raised.value.reason) == (code, reason)
        unknown = resume(session.told)
        unknown.resume.session_id = "none"
        with pytest.raises(TranslateError) as raised:
            async with RawSession.opened(first, unknown):
                pass
        assert raised.value.reason == "SESSION_NOT_FOUND"
        assert (await session.finish()).finals


async def test_after_its_window_a_session_is_over(second: str) -> None:
    """A session whose client does not come back in time is interrupted, its viewers get the summary."""
    async with RawSession.opened(second, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        before = await session.until(lambda told: bool(told.numbers))
    async with AsyncClient(second) as client:
        watched = await Told.of(client.watch(before.session_id))
        stored = await client.get_session(before.session_id)
    assert watched.kinds[-1] == "summary"
    assert stored.state == gateway_pb2.SESSION_STATE_INTERRUPTED
    assert stored.HasField("expire_time")
    with pytest.raises(TranslateError) as raised:
        async with RawSession.opened(second, resume(before)):
            pass
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "SESSION_ENDED")


async def test_audio_that_is_lost_counts_as_silence(first: str) -> None:
    """The clock goes on, and the client is told how much was lost."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        before = await session.until(lambda told: bool(told.checkpoints))
    later = HALF // 2 + 3 * 16_000
    async with RawSession.opened(first, resume(before, audio_sample=later)) as session:
        await session.send_audio(AUDIO[HALF:])
        after = await session.finish()
    assert "AUDIO_LOST" in after.notices
    assert after.checkpoints[-1] == len(AUDIO) // 2 + 3 * 16_000


async def test_a_container_is_sent_again_from_its_beginning(first: str) -> None:
    """What was heard already is passed over, and nothing is doubled."""
    flac = in_container(talk(14), "flac")
    async with RawSession.opened(first, config(audio_format=CONTAINER)) as session:
        await session.send_audio(flac)
        whole = await session.finish()
    async with RawSession.opened(first, config(audio_format=CONTAINER)) as session:
        await session.send_audio(flac[: len(flac) // 2])
        before = await session.until(lambda told: bool(told.checkpoints))
    async with RawSession.opened(first, resume(before, audio_sample=0, audio_format=CONTAINER)) as session:
        await session.send_audio(flac)
        after = await session.finish()
    assert merged(before, after).finals == whole.finals
    assert after.summary.audio_duration == whole.summary.audio_duration
    assert after.summary.word_count == whole.summary.word_count


async def test_a_silent_client_is_let_go_well(second: str) -> None:
    """No audio for too long: everything becomes final, the client is told why, and the summary comes."""
    async with RawSession.opened(second, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        told = await session.until(lambda told: told.kinds[-1] == "summary")
    assert "SESSION_LIMIT" in told.notices
    assert told.finals
    assert told.checkpoints[-1] == HALF // 2


async def test_a_session_has_its_longest_duration(second: str) -> None:
    """Beyond it the session is ended as if the client had half-closed."""
    async with RawSession.opened(second, config()) as session:
        await session.send_audio(AUDIO + AUDIO[: 7 * 32_000])
        told = await session.until(lambda told: told.kinds[-1] == "summary")
    assert "SESSION_LIMIT" in told.notices
    assert told.summary.audio_duration.ToSeconds() >= 20


async def test_stored_audio_is_what_was_sent(first: str, second: str) -> None:
    """Every sample once, also over a break; speech as it was heard; and nothing where nobody asked for it."""
    async with RawSession.opened(first, config(speech=True, stores=True)) as session:
        await session.send_audio(AUDIO[:HALF])
        before = await session.until(lambda told: bool(told.checkpoints))
    async with RawSession.opened(second, resume(before)) as session:
        await session.send_audio(AUDIO[session.told.resume_sample * 2 :])
        after = await session.finish()
    async with AsyncClient(second) as client:
        audio = [chunk async for chunk in client.read_audio(before.session_id)]
        speech = [chunk async for chunk in client.read_audio(before.session_id, language="es")]
        assert b"".join(chunk.audio for chunk in audio) == AUDIO
        heard = {speech.audio.segment_id for speech in after.speech}
        assert heard
        assert speech
        await client.delete_session(before.session_id)
        with pytest.raises(TranslateError) as gone:
            await client.get_session(before.session_id)
    assert gone.value.reason == "SESSION_NOT_FOUND"


async def test_a_suspended_session_can_be_deleted(first: str) -> None:
    """Its client may not come back; what it said can go."""
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO[:HALF])
        before = await session.until(lambda told: bool(told.numbers))
        async with AsyncClient(first) as client:
            with pytest.raises(TranslateError) as raised:
                await client.delete_session(before.session_id)
    assert raised.value.reason == "SESSION_ACTIVE"
    async with AsyncClient(first) as client:
        await until_suspended(client, before.session_id)
        await client.delete_session(before.session_id)
    with pytest.raises(TranslateError) as raised:
        async with RawSession.opened(first, resume(before)):
            pass
    assert raised.value.reason == "SESSION_NOT_FOUND"


async def test_the_sdk_does_it_by_itself(replicas: tuple[Parts, Parts], first: str, second: str) -> None:
    """A program that translates notices nothing of a gateway that is killed: each final once, and the summary."""
    chunks = [AUDIO[start : start + 3_200] for start in range(0, len(AUDIO), 3_200)]
    killed = asyncio.Event()

    async def audio() -> AsyncIterator[bytes]:
        for chunk in chunks[: len(chunks) // 2]:
            yield chunk
        await killed.wait()
        for chunk in chunks[len(chunks) // 2 :]:
            yield chunk

    async with AsyncClient(f"{first},{second}") as client:
        told = Told()
        async for event in client.translate(audio(), source="en", targets=["es"]):
            told.events.append(event)
            if told.numbers and not killed.is_set():
                replicas[0].kill("gateway")
                killed.set()
        replicas[0].start("gateway")
    async with RawSession.opened(first, config()) as session:
        await session.send_audio(AUDIO)
        whole = await session.finish()
    assert told.finals == whole.finals
    assert told.translated("es") == whole.translated("es")
    assert told.kinds.count("session_started") == 1
    assert told.checkpoints == sorted(told.checkpoints)


async def test_a_replica_takes_so_many_sessions(first: str, second: str) -> None:
    """Further ones are refused with the limit and when to try again; a take-over of a running one is not."""
    async with AsyncExitStack() as sessions:
        one = await sessions.enter_async_context(RawSession.opened(second, config()))
        with pytest.raises(TranslateError) as raised:  # noqa: PT012 - whichever of them it is
            while True:
                await sessions.enter_async_context(RawSession.opened(second, config()))
        async with RawSession.opened(second, resume(one.told)) as again:
            assert again.told.started.is_resumed
    assert (raised.value.code, raised.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_SESSIONS")
    assert raised.value.metadata["limit"] == "4"
    assert "4 sessions" in raised.value.message
    assert 0.8 <= (raised.value.retry_delay_seconds or 0) <= 1.2  # about a second: not all at one moment
