"""One stream of tts, with its requests and answers at hand."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from livetranslate.v1 import tts_pb2
from tests.tts.serving import PIECE, text
from tts.answer import Answer, Chunk
from tts.pacing import UNPACED, Pacer
from tts.session import TtsSession
from tts.stream import TtsStream
from tts.utterance import Sound, Utterance, Voice


async def test_too_many_texts_hold_the_client_back() -> None:
    """With as many texts waiting as allowed nothing more is read; afterwards all are spoken."""
    pulled: list[str] = []
    received: list[Answer] = []
    is_speaking, go_on = asyncio.Event(), asyncio.Event()

    async def requests() -> AsyncIterator[tts_pb2.StreamingSynthesizeRequest]:
        for number in range(6):
            pulled.append(str(number))
            yield text(str(number), "a")

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        is_speaking.set()
        await go_on.wait()
        yield Sound(PIECE)

    async def send(answer: Answer) -> None:
        received.append(answer)

    session = TtsSession(Pacer(UNPACED, 22_050), input_limit=2, least_chunk_bytes=0)
    stream = TtsStream(session, Voice("ana", "es", "tts_test", 22_050), synthesize)
    running = asyncio.ensure_future(stream.run(requests(), send, asyncio.Event()))
    await is_speaking.wait()
    for _ in range(20):
        await asyncio.sleep(0)  # a turn for everybody
    assert len(pulled) == 3, "one is being spoken and two wait"
    go_on.set()
    await running
    assert [
        answer.utterance.segment_id for answer in received if isinstance(answer, Chunk) and answer.is_last
    ] == pulled
    assert len(pulled) == 6
