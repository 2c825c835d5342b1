"""Speech as Riva's clients ask for it."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest
from riva.client.proto import riva_audio_pb2

from gateway.riva.speech import speech_writer
from livetranslate.errors import InvalidArgumentError

SAMPLES = bytes(44_100)


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


async def test_samples_and_files(threads: Executor) -> None:
    """Encodings become what the writer makes of speech."""
    for encoding in (riva_audio_pb2.ENCODING_UNSPECIFIED, riva_audio_pb2.LINEAR_PCM):
        assert await speech_writer(encoding, 0, threads).write(SAMPLES, 22_050, is_last=True) == SAMPLES
    file = speech_writer(riva_audio_pb2.OGGOPUS, 16_000, threads)
    assert (await file.write(SAMPLES, 22_050, is_last=True)).startswith(b"OggS")
    await file.finish()


@pytest.mark.parametrize(("encoding", "rate"), [(riva_audio_pb2.FLAC, 0), (riva_audio_pb2.LINEAR_PCM, 96_000)])
def test_what_cannot_be_written_is_refused(encoding: int, rate: int, threads: Executor) -> None:
    """Before anything is spoken."""
    with pytest.raises(InvalidArgumentError):
        speech_writer(encoding, rate, threads)
