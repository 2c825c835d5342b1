"""Speech as it is asked for."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np
import pytest

from gateway.speech_encoder import OGG_OPUS
from gateway.speech_writer import SpeechWriter
from livetranslate.audio import open_decoder
from livetranslate.audio_format import AudioFormat

RATE = 22_050
TONE = (np.sin(np.arange(RATE) * 2 * np.pi * 440 / RATE) * 10_000).astype("<i2").tobytes()


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


async def test_samples_at_the_voice_s_rate_pass(threads: Executor) -> None:
    """Also where no rate is asked for."""
    for rate in (0, RATE):
        writer = SpeechWriter(rate, None, threads)
        assert await writer.write(TONE, RATE, is_last=True) == TONE
        assert await writer.finish() == b""


async def test_each_text_is_resampled_to_its_end(threads: Executor) -> None:
    """Nothing of a text comes with the next one."""
    writer = SpeechWriter(44_100, None, threads)
    for _ in range(2):
        first = await writer.write(TONE[:20_000], RATE, is_last=False)
        rest = await writer.write(TONE[20_000:], RATE, is_last=False)
        last = await writer.write(b"", RATE, is_last=True)
        assert len(first + rest + last) == pytest.approx(2 * len(TONE), abs=8)
    assert await writer.finish() == b""


async def test_all_texts_are_one_opus_file(threads: Executor) -> None:
    """Which is complete once the writer has finished."""
    writer = SpeechWriter(0, OGG_OPUS, threads)
    file = b""
    for _ in range(2):
        file += await writer.write(TONE, RATE, is_last=True)
    file += await writer.finish()
    decoder = open_decoder(AudioFormat())
    samples = sum(part.size for part in (*decoder.feed(file), *decoder.finish()))
    assert not decoder.truncated
    assert samples == pytest.approx(2 * 16_000, rel=0.03)
    assert await writer.finish() == b""


async def test_silence_is_no_file(threads: Executor) -> None:
    """Where nothing was said nothing is written."""
    writer = SpeechWriter(0, OGG_OPUS, threads)
    assert await writer.write(b"", RATE, is_last=True) == b""
    assert await writer.finish() == b""
