from collections.abc import AsyncIterator

import pytest

from livetranslate.stack.triton import Triton
from tests.asr.serving import Served, asr_service, audio, config, finals
from tests.asr.talk import needs_talk, pause, speech

pytestmark = needs_talk


@pytest.fixture
async def served(triton: Triton) -> AsyncIterator[Served]:
    async with asr_service(triton.grpc_address) as served:
        yield served


async def test_the_same_audio_has_the_same_words(served: Served) -> None:
    """However audio is cut into messages, the words, their times and the decoder's state are the same."""
    samples = speech(24).tobytes()
    heard = [
        finals([r async for r in served.stub.StreamingRecognize(iter([config(), *audio(samples, size)]))])
        for size in (640, 32_000)
    ]
    one, other = ([(f.segment_id, f.committed_text, f.decoder_state, list(f.words)) for f in run] for run in heard)
    assert one == other


async def test_a_segment_can_be_replayed(served: Served) -> None:
    """Taken up after its first segment, with the decoder's state from there, a session has the same second segment."""
    samples = b"".join(part.tobytes() for part in (speech(1), pause(), speech(2), pause()))
    whole = [r async for r in served.stub.StreamingRecognize(iter([config(), *audio(samples)]))]
    first, second = finals(whole)
    start = int(second.segment_id)
    again = config(start_offset=second.start_offset, decoder_state=first.decoder_state)
    replay = [r async for r in served.stub.StreamingRecognize(iter([again, *audio(samples[2 * start :])]))]
    (replayed,) = finals(replay)
    assert replayed.segment_id == second.segment_id
    assert replayed.committed_text == second.committed_text


async def test_clients_that_vanish_leave_no_decoder_taken(served: Served) -> None:
    """More clients than there are decoders leave in the middle of a word, and the next one is heard at once."""
    samples = speech(1).tobytes()[:64_000]
    for _ in range(6):
        call = served.stub.StreamingRecognize()
        for request in [config(), *audio(samples)]:
            await call.write(request)
        async for response in call:
            assert not response.HasField("notice")
            if response.HasField("revision"):
                break
        call.cancel()
    (final,) = finals([r async for r in served.stub.StreamingRecognize(iter([config(), *audio(samples)]))])
    assert final.committed_text
