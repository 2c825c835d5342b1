import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from livetranslate.audio import decode_file
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.triton import Triton
from livetranslate.v1 import asr_pb2
from livetranslate.wire import samples_of_duration
from tests.asr.serving import Served, asr_service, audio, config, finals
from tests.asr.unlucky import Unlucky

MEETING = Path(__file__).parents[2] / "demo" / "meeting.flac"
MODEL = "asr_pocketsphinx"

Response = asr_pb2.StreamingRecognizeResponse


@pytest.fixture
async def served(triton: Triton) -> AsyncIterator[Served]:
    async with asr_service(triton.grpc_address) as served:
        yield served


@pytest.fixture(scope="module")
def meeting() -> bytes:
    """The first seconds of a recording: three sentences."""
    return np.concatenate(list(decode_file(MEETING)))[: 11 * SAMPLE_RATE_HERTZ].tobytes()


async def recognize(
    served: Served, samples: bytes, message_bytes: int = 32_000, start: asr_pb2.RecognitionProgress | None = None
) -> list[Response]:
    """The responses to the audio from a position on."""
    start = start or asr_pb2.RecognitionProgress()
    rest = samples[2 * samples_of_duration(start.processed_offset) :]
    requests = [config(start_offset=start.processed_offset, state=start.state), *audio(rest, message_bytes)]
    async with asyncio.timeout(60):
        return [response async for response in served.stub.StreamingRecognize(iter(requests))]


def said(responses: Sequence[Response], start_sample: int = 0) -> list[tuple[object, ...]]:
    """All that finals say of the segments from a sample on."""
    return [
        (final.segment_id, final.revision, final.committed_text, [word.SerializeToString() for word in final.words])
        for final in finals(responses)
        if int(final.segment_id) >= start_sample
    ]


async def test_any_position_is_one_to_go_on_from(served: Served, meeting: bytes) -> None:
    """However audio is cut into messages, and from whichever position on: words, times and revisions are the same."""
    whole = await recognize(served, meeting, 640)
    positions = {
        len(said(whole, samples_of_duration(r.progress.processed_offset))): r.progress
        for r in whole
        if r.HasField("progress")
    }  # the latest before each segment
    assert sorted(positions) == [0, 1, 2, 3]
    for position in positions.values():
        replay = await recognize(served, meeting, start=position)
        assert said(replay) == said(whole, samples_of_duration(position.processed_offset))


async def test_lost_sequences_are_invisible(triton: Triton, served: Served, meeting: bytes) -> None:
    """Whatever happens to single requests, words, times and revisions are the same, and no decoder stays taken."""
    undisturbed = await recognize(served, meeting)
    unlucky = Unlucky(triton.grpc_address)
    served.service.recognizers._triton = unlucky
    unlucky.faults = [
        "",
        "",
        "lost",
        "",
        "",
        "",
        "after",
        "",
        "",
        "",
        "before",
        "",
        "",
        "lost",
        "",
        "after",
        "",
        "lost",
    ]
    disturbed = await recognize(served, meeting)
    assert not unlucky.faults
    assert said(disturbed) == said(undisturbed)
    await unlucky.close()


async def test_clients_that_vanish_leave_no_decoder_taken(served: Served, meeting: bytes) -> None:
    """More clients than there are decoders leave in the middle of a word, and the next one is heard at once."""
    samples = meeting[:96_000]
    for _ in range(6):
        call = served.stub.StreamingRecognize()
        for request in [config(), *audio(samples)]:
            await call.write(request)
        async for response in call:
            assert not response.HasField("notice")
            if response.HasField("revision"):
                break
        call.cancel()
    (final,) = finals(await recognize(served, samples))
    assert final.committed_text
