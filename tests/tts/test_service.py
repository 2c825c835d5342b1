"""The gRPC shell of tts, over gRPC."""

import asyncio
import math
from collections.abc import AsyncGenerator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from livetranslate.errors import UnavailableError
from livetranslate.status import error_info
from livetranslate.v1 import tts_pb2, types_pb2
from tests.tts.serving import PIECE, answers, config, hum, next_answer, running, text
from tts.utterance import Sound, Utterance, Voice


async def test_a_session_from_end_to_end() -> None:
    """Texts are spoken in order, each is closed by its last chunk, and the stream ends well after half-close."""
    async with running() as tts:
        requests = iter([config(), text("1", "abc"), text("2", ""), text("3", "d", rate=1.25)])
        received = [answer.audio for answer in await answers(tts.stub.StreamingSynthesize(requests))]
    assert [(chunk.segment_id, len(chunk.audio), chunk.is_last) for chunk in received] == [
        ("1", len(PIECE), False),
        ("1", len(PIECE), False),
        ("1", len(PIECE), False),
        ("1", 0, True),
        ("2", 0, True),
        ("3", len(PIECE), False),
        ("3", 0, True),
    ]
    assert {(chunk.sample_rate_hertz, chunk.model) for chunk in received} == {(22_050, "tts_test")}
    hops = {hop.hop: hop.duration.nanos for hop in received[0].hop_times}
    assert hops["tts.triton"] == 1_000_000
    assert hops["tts"] > 0


async def test_the_load_is_told() -> None:
    """The first answer carries how busy the service is, and those that follow within a second do not."""
    async with running() as tts:
        received = await answers(tts.stub.StreamingSynthesize(iter([config(), text("1", "abc")])))
    assert received[0].HasField("load")
    assert sum(answer.HasField("load") for answer in received) < len(received)


async def test_the_model_learns_what_was_asked() -> None:
    """Rate, language and voice reach the synthesizer; a rate of 0 is the voice's own."""
    asked: list[tuple[float, str, str]] = []

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        asked.append((utterance.speaking_rate, voice.language, voice.name))
        yield Sound(PIECE)

    async with running(synthesize) as tts:
        await answers(tts.stub.StreamingSynthesize(iter([config("es", "ana"), text("1", "a"), text("2", "b", 1.5)])))
    assert asked == [(1.0, "es", "ana"), (1.5, "es", "ana")]


async def test_a_voice_imitates_what_the_stream_was_opened_with() -> None:
    """Only where that voice is asked for: the default is never an imitation, whatever its rank."""
    asked: list[tuple[str, bytes]] = []

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        asked.append((voice.model, voice.reference))
        yield Sound(PIECE)

    async with running(synthesize) as tts:
        for opening in (config("es", "speaker", reference=b"abcd"), config("es")):
            await answers(tts.stub.StreamingSynthesize(iter([opening, text("1", "a")])))
    assert asked == [("tts_clone", b"abcd"), ("tts_test", b"")]


async def test_speech_keeps_up() -> None:
    """Chunks say where they are to be heard, how late and how fast; what would be too late is left out and told."""

    def clause(number: int, end_seconds: int, words: str) -> tts_pb2.StreamingSynthesizeRequest:
        request = text("1", words)
        request.input.clause, request.input.is_segment_end = number, number == 2
        request.input.end_offset.CopyFrom(Duration(seconds=end_seconds))
        return request

    pacing = tts_pb2.PacingOptions(max_speaking_rate=1.5, max_lag=Duration(seconds=2))
    requests = iter(
        [config(pacing=pacing, spoken_seconds=5), clause(0, 4, "a" * 20), clause(1, 4, "b"), clause(2, 9, "")]
    )
    async with running() as tts:
        received = await answers(tts.stub.StreamingSynthesize(requests))
    *spoken, notice, skipped, end = received
    assert {answer.audio.speaking_rate for answer in spoken} == {1.5}
    places = [(answer.audio.playout_offset, answer.audio.playout_lag) for answer in spoken]
    assert places[0] == (Duration(seconds=5), Duration(seconds=1))
    assert places[-1] == (Duration(seconds=7), Duration(seconds=3))
    assert (notice.notice.code, notice.notice.segment_id) == (types_pb2.NOTICE_CODE_SPEECH_SKIPPED, "1")
    assert "3.0 s late" in notice.notice.message
    closing = [(answer.audio.clause, answer.audio.is_last, answer.audio.is_segment_end) for answer in (skipped, end)]
    assert closing == [(1, True, False), (2, True, True)]


async def test_a_failure_spoils_one_text() -> None:
    """A text that fails is a notice without its words, and the next is spoken."""

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        yield Sound(PIECE)
        if utterance.text == "secret":
            raise UnavailableError("TRITON_UNAVAILABLE", "Triton is not available.")

    async with running(synthesize) as tts:
        requests = iter([config(), text("1", "secret"), text("2", "b")])
        received = await answers(tts.stub.StreamingSynthesize(requests))
    notice = received[1].notice
    assert notice.code == types_pb2.NOTICE_CODE_SYNTHESIS_FAILED
    assert (notice.segment_id, notice.language_code) == ("1", "es")
    assert "secret" not in str(received)
    assert [answer.audio.is_last for answer in received[2:]] == [False, True]


@pytest.mark.parametrize(
    ("requests", "reason"),
    [
        ([], "CONFIG_EXPECTED"),
        ([text("1", "a")], "CONFIG_EXPECTED"),
        ([config("")], "LANGUAGE_MISSING"),
        ([config("xx")], "LANGUAGE_NOT_SUPPORTED"),
        ([config("es", "montse")], "VOICE_NOT_FOUND"),
        ([config(pacing=tts_pb2.PacingOptions(max_speaking_rate=0.9))], "PACING_INVALID"),
        ([config(pacing=tts_pb2.PacingOptions(max_speaking_rate=math.nan))], "PACING_INVALID"),
        ([config(pacing=tts_pb2.PacingOptions(max_lag=Duration(seconds=3601)))], "PACING_INVALID"),
        ([config(pacing=tts_pb2.PacingOptions(max_lag=Duration(seconds=-1)))], "PACING_INVALID"),
        ([config(), config()], "CONFIG_REPEATED"),
        ([config(), text("1", "a"), config()], "CONFIG_REPEATED"),
        ([config(), text("", "a")], "SEGMENT_ID_MISSING"),
        ([config(), text("x" * 65, "a")], "ID_TOO_LONG"),
    ],
)
async def test_a_wrong_request_ends_the_stream(requests: list[tts_pb2.StreamingSynthesizeRequest], reason: str) -> None:
    """What the caller does wrong ends the stream with INVALID_ARGUMENT and says what it was."""
    async with running() as tts:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await answers(tts.stub.StreamingSynthesize(iter(requests)))
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert info is not None
    assert info.reason == reason


async def test_a_mistake_is_told_while_nobody_reads() -> None:
    """A caller's mistake reaches it though speech was waiting to be read."""
    async with running() as tts:
        call = tts.stub.StreamingSynthesize(iter([config(), text("1", "a" * 100), config()]))
        with pytest.raises(grpc.aio.AioRpcError, match="sent twice"):
            await answers(call)


async def test_a_client_that_does_not_read_holds_the_model_back() -> None:
    """Speech that nobody reads is not produced without end, and cancelling frees the model."""
    produced = 0
    freed = asyncio.Event()

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        nonlocal produced
        try:
            while True:
                produced += 1
                yield Sound(bytes(1_000_000))
                await asyncio.sleep(0)
        finally:
            freed.set()

    async with running(synthesize) as tts:
        call = tts.stub.StreamingSynthesize()
        await call.write(config())
        await call.write(text("1", "a"))
        await next_answer(call)
        before = 0
        while produced != before:  # what gRPC buffers is its own choice: megabytes on a fast machine, but it ends
            before = produced
            assert produced < 200
            for _ in range(20):  # round trips, in which a model that is not held back would go on
                await tts.stub.ListVoices(tts_pb2.ListVoicesRequest())
        call.cancel()
        await freed.wait()
        assert await tts.server.drain.idle(5)


async def test_closing_speaks_what_has_come() -> None:
    """A server that closes speaks the texts that it has and ends the stream."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        started.set()
        await go_on.wait()
        yield Sound(PIECE)

    async with running(synthesize) as tts:
        call = tts.stub.StreamingSynthesize()
        await call.write(config())
        await call.write(text("1", "a"))
        await started.wait()
        stopping = asyncio.ensure_future(tts.server.stop())
        await tts.server.drain.closing.wait()
        go_on.set()
        assert [answer.audio.is_last for answer in await answers(call)] == [False, True]
        assert await call.code() == grpc.StatusCode.OK
        await stopping


@pytest.mark.parametrize(("language", "names"), [("", ["ana", "montse", "speaker"]), ("ca", ["montse"]), ("xx", [])])
async def test_voices_are_listed(language: str, names: list[str]) -> None:
    """The voices are listed, for one language or all."""
    async with running(hum) as tts:
        response = await tts.stub.ListVoices(tts_pb2.ListVoicesRequest(language_code=language))
    assert [voice.name for voice in response.voices] == names
    assert all((voice.sample_rate_hertz, voice.license) == (22_050, "MIT") for voice in response.voices)
