from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from livetranslate.audio import decode_file
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.stack.triton import Triton
from livetranslate.wire import samples_of_duration
from tests.asr.serving import Served, asr_service, audio, config, finals, recognize, said
from tests.asr.unlucky import Unlucky

MEETING = Path(__file__).parents[2] / "demo" / "meeting.flac"
MODEL = "asr_pocketsphinx"


@pytest.fixture
async def served(triton: Triton) -> AsyncIterator[Served]:
    async with asr_service(triton.grpc_address) as served:
        yield served


@pytest.fixture(scope="module")
def meeting() -> bytes:
    """The first seconds of a recording: three sentences."""
    return np.concatenate(list(decode_file(MEETING)))[: 11 * SAMPLE_RATE_HERTZ].tobytes()


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
