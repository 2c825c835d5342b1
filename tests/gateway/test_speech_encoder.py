"""Speech as its listeners want it written."""

import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from gateway.events import SpeechEncoding
from gateway.speech_encoder import SpeechEncoder, SpeechFile

FRAME_SECONDS = 0.02


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, "encoder") as pool:
        yield pool


def tone(seconds: float, sample_rate_hertz: int, hertz: float = 440) -> bytes:
    time = np.arange(round(seconds * sample_rate_hertz)) / sample_rate_hertz
    return bytes((8_000 * np.sin(2 * np.pi * hertz * time)).astype("<i2").tobytes())


def pieces(audio: bytes, sample_rate_hertz: int, seconds: float = 0.2) -> list[bytes]:
    size = round(sample_rate_hertz * seconds) * 2
    return [audio[start : start + size] for start in range(0, len(audio), size)]


def decoded(file: bytes) -> tuple[NDArray[np.float32], int]:
    """The samples of a file, as any decoder gives them, and their rate."""
    with av.open(io.BytesIO(file), "r") as container:
        assert container.format.name == "ogg"
        (stream,) = container.streams.audio
        assert stream.codec_context.name in {"opus", "libopus"}
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(stream)], axis=1)[0]
        return samples, stream.rate


@pytest.mark.parametrize("sample_rate_hertz", [16_000, 22_050, 44_100])
@pytest.mark.parametrize("seconds", [0.01, 0.3, 1.234])
async def test_the_chunks_of_a_clause_are_a_file(
    seconds: float, sample_rate_hertz: int, threads: ThreadPoolExecutor
) -> None:
    """One after the other they are an Ogg/Opus file that lasts as long as the clause and sounds like it."""
    encoder = SpeechEncoder(SpeechEncoding.OGG_OPUS, threads)
    for _ in range(2):  # each clause has its own
        chunks = pieces(tone(seconds, sample_rate_hertz), sample_rate_hertz)
        file = b"".join([await encoder.encode(chunk, sample_rate_hertz, is_last=False) for chunk in chunks])
        file += await encoder.encode(b"", sample_rate_hertz, is_last=True)
        samples, rate = decoded(file)
        assert len(samples) / rate == pytest.approx(seconds, abs=FRAME_SECONDS)
        if seconds > 1:
            spectrum = np.abs(np.fft.rfft(samples))
            assert np.argmax(spectrum) * rate / len(samples) == pytest.approx(440, abs=2)


def test_pages_go_out_while_samples_come() -> None:
    """What was written less than 0.15 s before is all that is held back."""
    file = SpeechFile(22_050)
    written = b""
    for number, piece in enumerate(pieces(tone(2, 22_050), 22_050), 1):
        written += file.write(piece, is_last=False)
        samples, rate = decoded(written)
        assert len(samples) / rate >= number * 0.2 - 0.15


async def test_nothing_makes_no_file(threads: ThreadPoolExecutor) -> None:
    """A clause of which nothing is heard has no bytes."""
    assert await SpeechEncoder(SpeechEncoding.OGG_OPUS, threads).encode(b"", 22_050, is_last=True) == b""


async def test_a_clause_that_breaks_off_leaves_nothing_behind(threads: ThreadPoolExecutor) -> None:
    """The next clause is a file of its own."""
    encoder = SpeechEncoder(SpeechEncoding.OGG_OPUS, threads)
    await encoder.encode(tone(0.5, 22_050), 22_050, is_last=False)
    encoder.forget()
    samples, rate = decoded(await encoder.encode(tone(0.3, 22_050), 22_050, is_last=True))
    assert len(samples) / rate == pytest.approx(0.3, abs=FRAME_SECONDS)


async def test_samples_stay_as_they_are(threads: ThreadPoolExecutor) -> None:
    """PCM is passed on, and needs no thread."""
    threads.shutdown()
    encoder = SpeechEncoder(SpeechEncoding.PCM_S16LE, threads)
    assert await encoder.encode(b"abcd", 22_050, is_last=False) == b"abcd"


async def test_the_event_loop_encodes_nothing(threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is done in a thread of the pool."""
    names: list[str] = []
    write = SpeechFile.write

    def noting(self: SpeechFile, audio: bytes, *, is_last: bool) -> bytes:
        names.append(threading.current_thread().name)
        return write(self, audio, is_last=is_last)

    monkeypatch.setattr(SpeechFile, "write", noting)
    await SpeechEncoder(SpeechEncoding.OGG_OPUS, threads).encode(tone(0.3, 22_050), 22_050, is_last=True)
    assert all(name.startswith("encoder") for name in names)
    assert names
