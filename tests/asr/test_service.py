import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from pathlib import Path

import grpc
import pytest

from asr.memory import Memory
from asr.settings import AsrSettings
from asr.slots import SequenceSlots
from livetranslate.models import Model
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.status import error_info
from livetranslate.v1 import asr_pb2, types_pb2
from livetranslate.wire import duration_of_seconds, samples_of_duration
from tests.asr.serving import FLUSH, Served, asr_service, audio, config, finals, loud, loud_is_speech, quiet
from tests.null_triton import MODELS, null_triton

Request = asr_pb2.StreamingRecognizeRequest
Response = asr_pb2.StreamingRecognizeResponse


@pytest.fixture
async def served(triton: Triton) -> AsyncIterator[Served]:
    async with asr_service(triton.grpc_address, classify=loud_is_speech) as served:
        yield served


async def recognize(served: Served, requests: Iterable[Request]) -> list[Response]:
    """All responses to requests sent at once."""
    async with asyncio.timeout(60):
        return [response async for response in served.stub.StreamingRecognize(iter(requests))]


def progress(responses: Iterable[Response]) -> list[int]:
    return [samples_of_duration(r.progress.processed_offset) for r in responses if r.HasField("progress")]


async def read_until_revision(call: AsyncIterator[Response]) -> asr_pb2.TranscriptRevision:
    async with asyncio.timeout(60):
        async for response in call:
            if response.HasField("revision"):
                return response.revision
    raise AssertionError("the stream ended without a revision")


async def test_speech_becomes_revisions_and_a_final(served: Served) -> None:
    """Revisions of one segment come while it is spoken, its final when it has ended, progress to the last sample."""
    responses = await recognize(served, [config(), *audio(quiet(1) + loud(3) + quiet(1))])
    revisions = [response.revision for response in responses if response.HasField("revision")]
    assert len({revision.segment_id for revision in revisions}) == 1
    assert [revision.is_final for revision in revisions[-2:]] == [False, True]
    assert revisions[-1].committed_text.split() == ["word"] * 6
    assert revisions[-1].model == "asr_null"
    assert progress(responses)[0] == 0
    assert progress(responses)[-1] == 5 * 16_000


async def test_the_last_word_is_not_lost(served: Served) -> None:
    """Audio that ends in the middle of speech, and of a frame, is recognized to its end."""
    responses = await recognize(served, [config(), *audio(loud(3.21))])
    (final,) = finals(responses)
    assert final.committed_text.split() == ["word"] * 6
    assert final.end_offset.ToMilliseconds() == 3_210
    assert progress(responses)[-1] == int(3.21 * 16_000)


async def test_a_flush_ends_the_segment(served: Served) -> None:
    """A flush makes what was said so far final, and what follows is another segment."""
    responses = await recognize(served, [config(), *audio(loud(1.6)), FLUSH, *audio(loud(1.6))])
    assert [final.start_offset.ToMilliseconds() for final in finals(responses)] == [0, 1_600]


async def test_activity_is_told(served: Served) -> None:
    """Where speech starts is told before its first words, and where it ends before they are final."""
    responses = await recognize(served, [config(), *audio(quiet(1) + loud(2) + quiet(1))])
    kinds = [response.WhichOneof("streaming_response") for response in responses]
    places = [index for index, kind in enumerate(kinds) if kind == "activity"]
    started, ended = (responses[place].activity for place in places)
    assert [started.kind, ended.kind] == [
        types_pb2.SPEECH_ACTIVITY_KIND_STARTED,
        types_pb2.SPEECH_ACTIVITY_KIND_ENDED,
    ]
    (final,) = finals(responses)
    assert (started.offset, ended.offset) == (final.start_offset, final.end_offset)
    assert started.segment_id == ended.segment_id == final.segment_id
    assert places[0] < kinds.index("revision")
    assert places[1] < next(place for place, r in enumerate(responses) if r.revision.is_final)


async def test_endpointing_is_as_asked(served: Served) -> None:
    """A session that asks for short pauses and short segments gets them, and is told why each segment ended."""
    sound = [config(endpointing={"stop_duration": {"nanos": 200_000_000}, "max_duration": {"seconds": 2}})]
    responses = await recognize(served, [*sound, *audio(loud(1) + quiet(0.3) + loud(3))])
    ends = [(final.end, final.end_offset.ToMilliseconds()) for final in finals(responses)]
    assert [end for end, _ in ends] == [
        asr_pb2.SEGMENT_END_PAUSE,
        asr_pb2.SEGMENT_END_MAX_DURATION,
        asr_pb2.SEGMENT_END_AUDIO_END,
    ]
    assert ends[1][1] - ends[0][1] <= 2_000


async def test_starts_where_it_is_told(served: Served) -> None:
    """A session that is taken up again counts on from its offset."""
    responses = await recognize(served, [config(start_offset={"seconds": 60}), *audio(quiet(1) + loud(1.6))])
    assert [final.start_offset.seconds for final in finals(responses)] == [60]
    assert progress(responses)[0] == 60 * 16_000
    assert progress(responses)[-1] == int(62.6 * 16_000)


@pytest.mark.parametrize("messages", [[], [Request(audio=b"")], list(audio(quiet(2)))], ids=["none", "empty", "silent"])
async def test_nothing_said_is_no_error(served: Served, messages: Sequence[Request]) -> None:
    """A stream without audio or without speech ends well, with no revision."""
    responses = await recognize(served, [config(), *messages])
    assert all(response.HasField("progress") for response in responses)


WRONG = {
    "CONFIG_EXPECTED": [Request(audio=b"")],
    "CONFIG_REPEATED": [config(), config()],
    "LANGUAGE_MISSING": [config("")],
    "LANGUAGE_NOT_SUPPORTED": [config("tlh")],
    "START_OFFSET_NEGATIVE": [config(start_offset={"seconds": -1})],
    "STATE_TOO_LARGE": [config(state=bytes(5_000))],
    "STATE_INVALID": [config(state=b"garbage")],
    "ENDPOINTING_INVALID": [config(endpointing={"max_duration": {"seconds": 1}})],
    "TOO_MANY_PHRASES": [config(phrases=["a"] * 1_001)],
    "AUDIO_MISALIGNED": [config(), Request(audio=b"abc")],
    "AUDIO_MESSAGE_TOO_LARGE": [config(), Request(audio=bytes(1024 * 1024 + 2))],
}


@pytest.mark.parametrize("reason", WRONG)
async def test_wrong_requests_are_refused(served: Served, reason: str) -> None:
    """What cannot be served is refused with its reason."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await recognize(served, WRONG[reason])
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert (info := error_info(refusal.value))
    assert info.reason == reason


async def test_the_memory_of_another_detector_is_refused(served: Served) -> None:
    """A state that carries what no voice activity detector of ours has written is refused at once."""
    state = Memory(classifier_state=b"garbage").to_bytes()
    with pytest.raises(grpc.aio.AioRpcError, match="not a state that this service has told"):
        await recognize(served, [config(state=state)])


async def test_an_empty_stream_is_refused(served: Served) -> None:
    """A stream that ends before its config says what was expected."""
    with pytest.raises(grpc.aio.AioRpcError, match="Send `config` first"):
        await recognize(served, [])


async def test_a_message_over_the_limit_is_refused(served: Served) -> None:
    """A message larger than the server takes ends the stream with RESOURCE_EXHAUSTED."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await recognize(served, [config(), Request(audio=bytes(5 * 1024 * 1024))])
    assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_an_unknown_language_lists_those_there_are(served: Served) -> None:
    """Who asks for a language without a model is told which languages have one."""
    with pytest.raises(grpc.aio.AioRpcError, match="Languages: en"):
        await recognize(served, [config("tlh")])


async def test_lists_its_recognizers(served: Served) -> None:
    """The models are listed with their languages and licences."""
    listed = await served.stub.ListRecognizers(asr_pb2.ListRecognizersRequest())
    assert [(r.model, list(r.language_codes), r.license, r.takes_phrases) for r in listed.recognizers] == [
        ("asr_null", ["en"], "Apache-2.0", False)
    ]


async def test_the_load_is_told(served: Served) -> None:
    """The first answer carries how busy the service is, and those that follow within a second do not."""
    responses = await recognize(served, [config(), *audio(loud(1))])
    assert responses[0].HasField("load")
    assert sum(response.HasField("load") for response in responses) < len(responses)


async def test_the_pace_changes_in_the_middle_of_a_stream(served: Served) -> None:
    """From where only finals are wanted no other revision comes, until others are wanted again."""
    speech = loud(3) + quiet(1)
    call = served.stub.StreamingRecognize()
    for request in [config(), Request(pace=asr_pb2.RecognitionPace(is_final_only=True)), *audio(speech)]:
        await call.write(request)
    responses = call.__aiter__()
    first = await read_until_revision(responses)
    for request in [Request(pace=asr_pb2.RecognitionPace()), *audio(speech)]:
        await call.write(request)
    await call.done_writing()
    revisions = [response.revision async for response in responses if response.HasField("revision")]
    assert first.is_final
    assert [revision.is_final for revision in revisions[-2:]] == [False, True]


async def test_a_pace_that_cannot_be_is_refused(served: Served) -> None:
    """The error says what can be asked for."""
    slow = asr_pb2.RecognitionPace(step_duration=duration_of_seconds(6))
    with pytest.raises(grpc.aio.AioRpcError, match="from 0 to 5 s"):
        await recognize(served, [config(), Request(pace=slow)])


async def test_leaving_clients_free_their_decoders(served: Served) -> None:
    """Clients that vanish in the middle of a word, more of them than there are decoders, keep none."""
    served.service.recognizers.slots["asr_null"] = SequenceSlots(Model("asr_null", "asr", sequence_slots=1), 5)
    for _ in range(4):
        call = served.stub.StreamingRecognize()
        for request in [config(), *audio(loud(2))]:
            await call.write(request)
        revision = await read_until_revision(call.__aiter__())
        assert not revision.is_final
        call.cancel()


async def test_one_decoder_serves_two_speakers_in_turn(served: Served) -> None:
    """Where decoders are few, the next speaker waits for one and loses nothing."""
    served.service.recognizers.slots["asr_null"] = SequenceSlots(Model("asr_null", "asr", sequence_slots=1), 10)
    both = await asyncio.gather(*(recognize(served, [config(), *audio(loud(2) + quiet(1))]) for _ in range(2)))
    assert [final.committed_text.split() for responses in both for final in finals(responses)] == [["word"] * 4] * 2


async def test_no_free_decoder_is_told(served: Served) -> None:
    """A segment that finds no decoder is told as a notice, and the stream goes on."""
    served.service.recognizers.slots["asr_null"] = slots = SequenceSlots(
        Model("asr_null", "asr", sequence_slots=1), 0.01
    )
    await slots.take()
    responses = await recognize(served, [config(), *audio(loud(1))])
    notices = [response.notice for response in responses if response.HasField("notice")]
    assert {notice.code for notice in notices} == {types_pb2.NOTICE_CODE_RECOGNITION_FAILED}
    assert "decoders are busy" in notices[0].message
    assert progress(responses)[-1] == 16_000


async def test_a_drain_cuts_nothing_off(served: Served) -> None:
    """A stream in which somebody speaks when the server closes is broken off without a final, to go on elsewhere."""
    call = served.stub.StreamingRecognize()
    for request in [config(), *audio(loud(2))]:
        await call.write(request)
    await read_until_revision(call.__aiter__())
    served.server.drain.closing.set()
    responses, reason = await broken_off(call)
    assert not finals(responses)
    assert reason == "DRAINING"


async def test_a_draining_server_hands_over_in_silence(served: Served) -> None:
    """A stream goes on until what is being said is final and its position told, and then elsewhere."""
    call = served.stub.StreamingRecognize()
    for request in [config(), *audio(loud(2))]:
        await call.write(request)
    await read_until_revision(call.__aiter__())
    served.server.drain.draining.set()
    for request in audio(quiet(1)):
        await call.write(request)
    responses, reason = await broken_off(call)
    assert [final.end_offset.seconds for final in finals(responses)] == [2]
    assert progress(responses)[0] >= 2 * 16_000
    assert reason == "DRAINING"


async def broken_off(call: AsyncIterable[Response]) -> tuple[list[Response], str]:
    """The responses until a stream breaks, and the reason."""
    responses: list[Response] = []

    async def read() -> None:
        async for response in call:
            responses.append(response)  # noqa: PERF401 - what came before the error counts

    with pytest.raises(grpc.aio.AioRpcError) as broken:
        await asyncio.wait_for(read(), 10)
    assert broken.value.code() is grpc.StatusCode.UNAVAILABLE
    info = error_info(broken.value)
    return responses, info.reason if info else ""


async def test_a_half_closed_stream_drains(served: Served) -> None:
    """A stream whose audio has ended is recognized to its end while the server closes."""
    call = served.stub.StreamingRecognize()
    for request in [config(), *audio(loud(2))]:
        await call.write(request)
    await call.done_writing()
    await read_until_revision(call.__aiter__())
    served.server.drain.closing.set()
    async with asyncio.timeout(60):
        assert finals([response async for response in call])


async def test_a_draining_server_takes_no_new_stream(served: Served) -> None:
    """Who comes while the server drains is sent away with a reason to come again."""
    served.server.drain.draining.set()
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await recognize(served, [config()])
    assert refusal.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_any_position_is_one_to_go_on_from(served: Served) -> None:
    """A stream that begins at a position told, with the audio from there, has the same later finals."""
    samples = b"".join(quiet(0.7) + loud(seconds) for seconds in (1, 2.1, 0.5, 1.7)) + quiet(1)
    whole = await recognize(served, [config(), *audio(samples)])
    positions = [response.progress for response in whole if response.HasField("progress")]
    assert len(positions) > len(finals(whole)) == 4
    for position in positions:
        start = samples_of_duration(position.processed_offset)
        again = await recognize(
            served, [config(start_offset=position.processed_offset, state=position.state), *audio(samples[2 * start :])]
        )
        assert [(f.segment_id, f.revision, f.committed_text, f.end_offset) for f in finals(again)] == [
            (f.segment_id, f.revision, f.committed_text, f.end_offset)
            for f in finals(whole)
            if int(f.segment_id) >= start
        ]


async def test_a_short_death_of_triton_is_invisible(tmp_path: Path) -> None:
    """When Triton dies in the middle of a word and comes back, the segment's words are all there."""
    with null_triton(tmp_path / "first") as triton:
        port = int(triton.grpc_address.rpartition(":")[2])
        async with asr_service(triton.grpc_address, classify=loud_is_speech) as served:
            call = served.stub.StreamingRecognize()
            for request in [config(), *audio(loud(1))]:
                await call.write(request)
            await read_until_revision(call.__aiter__())
            await asyncio.to_thread(triton.stop, 0)
            for request in audio(loud(1)):
                await call.write(request)
            await call.done_writing()
            options = TritonOptions(model_repository=MODELS, profile="null", grpc_port=port)
            again = await asyncio.to_thread(start_triton, options, tmp_path / "second")
            try:
                async with asyncio.timeout(60):
                    responses = [response async for response in call]
            finally:
                await asyncio.to_thread(again.stop)
    (final,) = finals(responses)
    assert final.committed_text.split() == ["word"] * 4
    assert not any(response.HasField("notice") for response in responses)


async def test_the_death_of_triton_is_told(tmp_path: Path) -> None:
    """When Triton dies in the middle of a word and stays away, a notice says so, and the stream still ends well."""
    settings = AsrSettings(listen="127.0.0.1:0", drain_seconds=0, flush_seconds=2, decode_patience_seconds=0.5)
    with null_triton(tmp_path) as triton:
        async with asr_service(triton.grpc_address, settings, classify=loud_is_speech) as served:
            call = served.stub.StreamingRecognize()
            for request in [config(), *audio(loud(1))]:
                await call.write(request)
            before = await read_until_revision(call.__aiter__())
            await asyncio.to_thread(triton.stop, 0)
            for request in audio(loud(1)):
                await call.write(request)
            await call.done_writing()
            async with asyncio.timeout(60):
                responses = [response async for response in call]
    notices = [response.notice for response in responses if response.HasField("notice")]
    assert notices[0].code == types_pb2.NOTICE_CODE_RECOGNITION_FAILED
    assert notices[0].segment_id == before.segment_id
    assert progress(responses)[-1] == 2 * 16_000
    assert await call.code() is grpc.StatusCode.OK
