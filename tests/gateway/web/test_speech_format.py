"""The formats of speech."""

import io
import wave
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest

from gateway.speech_writer import SpeechWriter
from gateway.web.speech_format import FORMATS

RATE = 22_050
TONE = (np.sin(np.arange(2 * RATE) * 2 * np.pi * 440 / RATE) * 10_000).astype("<i2").tobytes()


@pytest.mark.parametrize("name", sorted(FORMATS))
async def test_speech_can_be_heard_while_it_is_made(name: str) -> None:
    """Its first bytes come before its last samples, and all of it is there in the end."""
    written = FORMATS[name]
    with ThreadPoolExecutor(1) as threads:
        writer = SpeechWriter(written.sample_rate_hertz, written.kind, threads)
        first = await writer.write(TONE[:RATE], RATE, is_last=False)
        rest = await writer.write(TONE[RATE:], RATE, is_last=True) + await writer.finish()
    assert first
    audio = written.head + first + rest
    if name == "pcm":
        assert len(audio) / 2 / 24_000 == pytest.approx(2, abs=0.01)
        return
    with av.open(io.BytesIO(audio), "r") as container:
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert seconds == pytest.approx(2, abs=0.15)


def test_a_wav_header_is_one_that_others_read() -> None:
    """Though nobody knows yet how much comes."""
    with wave.open(io.BytesIO(FORMATS["wav"].head + bytes(4_800))) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (24_000, 1, 2)
