import wave
from pathlib import Path

import numpy as np
import pytest

from livetranslate.cli.speech_track import SpeechTracks
from livetranslate.v1.gateway_pb2 import SessionEvent, SessionSummary
from tests.livetranslate.fake_gateway import SPEECH_RATE, seconds, spoken


def sounding(path: Path) -> list[tuple[float, float]]:
    """The stretches of a file that are not silent, in seconds."""
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    edges = np.flatnonzero(np.diff(np.concatenate(([False], samples != 0, [False])).astype(int)))
    return [(float(start) / rate, float(end) / rate) for start, end in edges.reshape(-1, 2)]


def length(path: Path) -> float:
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def test_speech_starts_where_its_segment_does(tmp_path: Path) -> None:
    """Speech lies where its segment starts, its chunks without a gap; the file lasts as long as the session."""
    with SpeechTracks(tmp_path) as tracks:
        for start in (1, 3):
            tracks.receive(spoken(start, "es", is_last=False))
            tracks.receive(spoken(start, "es", is_last=True))
        tracks.receive(SessionEvent(summary=SessionSummary(audio_duration=seconds(5.5))))
    assert sounding(tmp_path / "speech.es.wav") == [(1.0, 1.5), (3.0, 3.5)]
    assert length(tmp_path / "speech.es.wav") == 5.5


def test_late_speech_follows_what_is_still_being_said(tmp_path: Path) -> None:
    """Speech that lasts beyond the next segment's start pushes that segment's speech back; nothing overlaps."""
    with SpeechTracks(tmp_path) as tracks:
        for _ in range(6):
            tracks.receive(spoken(0, "es", is_last=False))
        tracks.receive(spoken(1, "es", is_last=True))
    assert sounding(tmp_path / "speech.es.wav") == [(0.0, 1.75)]


def test_each_language_has_its_file(tmp_path: Path) -> None:
    """Languages are kept apart, and one that is never heard leaves no file."""
    with SpeechTracks(tmp_path) as tracks:
        tracks.receive(spoken(0, "es", is_last=True))
        tracks.receive(spoken(2, "ca", is_last=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["speech.ca.wav", "speech.es.wav"]
    assert sounding(tmp_path / "speech.ca.wav") == [(2.0, 2.25)]


def test_what_was_left_out_is_silence(tmp_path: Path) -> None:
    """A chunk without samples leaves no sound, no file, and nothing to lower the original for."""
    skipped = spoken(0, "es", is_last=True)
    skipped.speech.audio.audio = b""
    with SpeechTracks(tmp_path) as tracks:
        tracks.receive(skipped)
        assert not list(tmp_path.iterdir())
        for start in (1, 1, 3):
            tracks.receive(spoken(start, "es", is_last=True))
            tracks.receive(skipped)
    sounding_seconds = [(start / SPEECH_RATE, end / SPEECH_RATE) for start, end in tracks.by_language()["es"].sounding]
    assert sounding_seconds == sounding(tmp_path / "speech.es.wav") == [(1.0, 1.5), (3.0, 3.25)]


def test_another_rate_is_resampled(tmp_path: Path) -> None:
    """A chunk of another sample rate takes as long as it should in a file of the first one's."""
    other = spoken(0, "es", is_last=True)
    other.speech.audio.sample_rate_hertz = SPEECH_RATE * 2
    with SpeechTracks(tmp_path) as tracks:
        tracks.receive(spoken(0, "es", is_last=False))
        tracks.receive(other)
    assert length(tmp_path / "speech.es.wav") == pytest.approx(0.25 + 0.125)
