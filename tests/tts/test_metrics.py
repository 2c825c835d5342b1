import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from livetranslate import names
from livetranslate.errors import UnavailableError
from livetranslate.metrics import counter
from livetranslate.v1 import tts_pb2
from tests.gateway.measuring import Measurements
from tests.tts.serving import PIECE, text
from tts import metrics
from tts.answer import Answer, Chunk, Skip
from tts.pacing import UNPACED, Pacer
from tts.session import TtsSession
from tts.stream import TtsStream
from tts.utterance import Sound, Utterance, Voice

VOICE = Voice("ana", "es", "tts_test", 22_050)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measurements:
    """What tts measures from here on."""
    measured = Measurements()
    monkeypatch.setattr(metrics, "_speech", counter(names.SPEECH_MADE, measured.meter))
    monkeypatch.setattr(metrics, "_drops", counter(names.DROPS, measured.meter))
    return measured


def test_what_is_skipped_is_counted(measured: Measurements) -> None:
    """A text that is left out to keep up is counted; the empty chunk that closes it is not."""
    utterance = Utterance("1", "hola")
    metrics.note_answer(Skip(utterance, 16_000))
    metrics.note_answer(Chunk(utterance, Sound(b""), is_last=True))
    assert measured.values(names.DROPS) == {"speech_skipped": 1}


async def test_speech_is_counted(measured: Measurements) -> None:
    """What was spoken counts in seconds, also of a text that failed half way; and texts that wait are shown."""
    waiting: list[int] = []

    async def requests() -> AsyncIterator[tts_pb2.StreamingSynthesizeRequest]:
        yield text("1", "hola")
        yield text("2", "adiós")

    async def synthesize(utterance: Utterance, voice: Voice, waited: float) -> AsyncGenerator[Sound, None]:
        for _ in range(20):
            await asyncio.sleep(0)  # a turn for who reads
        waiting.append(metrics.texts_waiting.total)
        yield Sound(PIECE)
        yield Sound(PIECE)
        if utterance.segment_id == "2":
            raise UnavailableError("TRITON_UNAVAILABLE", "Triton is away.")

    async def send(answer: Answer) -> None:
        del answer

    session = TtsSession(Pacer(UNPACED, 22_050), input_limit=2, least_chunk_bytes=0)
    await TtsStream(session, VOICE, synthesize).run(requests(), send, asyncio.Event())
    assert measured.values(names.SPEECH_MADE) == {"tts_test es": 0.4}
    assert waiting == [1, 0]
