import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from livetranslate.cli.mix import Original, ducking, mix
from livetranslate.cli.sources import Source
from livetranslate.cli.speech_track import SpeechTracks
from livetranslate.v1.gateway_pb2 import SessionEvent, SessionSummary
from tests.livetranslate.fake_gateway import SPEECH_RATE, seconds, spoken

LOUD = 1_000


def flat(duration_seconds: float, sample_rate_hertz: int, channels: tuple[int, ...]) -> bytes:
    """Audio of which all frames are the same."""
    return np.tile(np.array(channels, "<i2"), round(duration_seconds * sample_rate_hertz)).tobytes()


def source(*chunks: bytes, sample_rate_hertz: int = 16_000, channel_count: int = 1) -> Source:
    return Source(chunks, sample_rate_hertz, channel_count)


def samples(path: Path) -> NDArray[np.int16]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SPEECH_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def mixed(tmp_path: Path, original_seconds: float, start: int) -> NDArray[np.int16]:
    """A loud original with a quarter of a second of speech from a start on, lowered by 20 dB meanwhile."""
    with Original(source(flat(original_seconds, 16_000, (LOUD,))), tmp_path) as original:
        list(original.source.chunks)
        with SpeechTracks(tmp_path) as tracks:
            event = spoken(start, "es", is_last=True)
            event.speech.ducking_db = 20
            tracks.receive(event)
            tracks.receive(SessionEvent(summary=SessionSummary(audio_duration=seconds(original_seconds))))
        mix(original, tracks.by_language()["es"], tmp_path / "mixed.wav")
    return samples(tmp_path / "mixed.wav")


def test_the_original_is_lowered_under_the_speech(tmp_path: Path) -> None:
    """Before and after the speech the original is as it was, under it a tenth, and it is heard to its end."""
    heard = mixed(tmp_path, 4, 2)
    speech = samples(tmp_path / "speech.es.wav").astype(int)
    assert len(heard) == pytest.approx(4 * SPEECH_RATE, abs=2)
    middle = slice(round(2.05 * SPEECH_RATE), round(2.2 * SPEECH_RATE))
    assert np.abs(heard[middle] - speech[middle] - LOUD / 10).max() <= 2
    for start, end in ((0.5, 1.8), (2.5, 3.5)):
        assert np.abs(heard[round(start * SPEECH_RATE) : round(end * SPEECH_RATE)] - LOUD).max() <= 2


def test_nothing_jumps(tmp_path: Path) -> None:
    """Down and up the original goes by a ramp."""
    heard = mixed(tmp_path, 4, 2).astype(int) - samples(tmp_path / "speech.es.wav")
    inside = slice(SPEECH_RATE // 2, -SPEECH_RATE // 2)
    assert np.abs(np.diff(heard[inside])).max() <= 3


def test_speech_that_lasts_longer_is_heard_to_its_end(tmp_path: Path) -> None:
    """The file is as long as the longer of both."""
    heard = mixed(tmp_path, 1, 3)
    assert len(heard) == len(samples(tmp_path / "speech.es.wav")) == round(3.25 * SPEECH_RATE)
    assert np.array_equal(heard[3 * SPEECH_RATE :], samples(tmp_path / "speech.es.wav")[3 * SPEECH_RATE :])


def test_short_pauses_of_the_speech_do_not_raise_the_original() -> None:
    """Only a pause that is worth it brings the original back."""
    times, gains = ducking([(1_000, 2_000), (2_500, 3_000), (9_000, 9_500)], 1_000, ducking_db=20)
    assert list(zip(times, gains, strict=True)) == [
        (900, 1.0),
        (1_000, 0.1),
        (3_000, 0.1),
        (3_100, 1.0),
        (8_900, 1.0),
        (9_000, 0.1),
        (9_500, 0.1),
        (9_600, 1.0),
    ]


@pytest.mark.parametrize("sample_rate_hertz", [8_000, SPEECH_RATE, 48_000])
def test_any_format_can_be_the_original(tmp_path: Path, sample_rate_hertz: int) -> None:
    """Channels are mixed down, rates made one, and what is sent is untouched."""
    chunks = [flat(0.7, sample_rate_hertz, (100, 300))] * 3
    with Original(source(*chunks, sample_rate_hertz=sample_rate_hertz, channel_count=2), tmp_path) as original:
        assert list(original.source.chunks) == chunks
        heard = np.concatenate([*original.blocks(SPEECH_RATE)])
    assert len(heard) == pytest.approx(2.1 * SPEECH_RATE, abs=2)
    assert np.abs(heard[1_000:-1_000] - 200).max() < 1


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """The copy of the original goes, also where a source breaks off."""

    def broken() -> Iterator[bytes]:
        yield bytes(4)
        raise OSError("the microphone was unplugged")

    with pytest.raises(OSError, match="unplugged"), Original(Source(broken()), tmp_path) as original:
        list(original.source.chunks)
    assert not list(tmp_path.iterdir())
