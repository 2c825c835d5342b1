"""Spoken translation as WAV files that run along with the session's audio."""

import wave
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from livetranslate.cli.captions import seconds
from livetranslate.v1 import gateway_pb2

_SAMPLE_BYTES: Final = 2
_SILENCE: Final = bytes(64 * 1024)  # written piece by piece: an hour without speech needs no more memory


class SpeechTracks(AbstractContextManager["SpeechTracks"]):
    """One file per spoken language, begun with its first sound."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tracks: dict[str, SpeechTrack] = {}
        self._duration_seconds = 0.0

    def __exit__(self, *_: object) -> None:
        for track in self._tracks.values():
            track.close(self._duration_seconds)

    def receive(self, event: gateway_pb2.SessionEvent) -> None:
        """Writes speech to its file; the summary says how long the files are to be at least."""
        if event.speech.audio.audio:
            self._track(event.speech).add(event.speech)
        elif event.HasField("summary"):
            self._duration_seconds = seconds(event.summary.audio_duration)

    def by_language(self) -> Mapping[str, "SpeechTrack"]:
        """The files begun so far."""
        return self._tracks

    def _track(self, speech: gateway_pb2.Speech) -> "SpeechTrack":
        language = speech.language_code
        if language not in self._tracks:
            path = self._folder / f"speech.{language}.wav"
            self._tracks[language] = SpeechTrack(path, speech.audio.sample_rate_hertz)
        return self._tracks[language]


class SpeechTrack:
    """One mono s16le WAV file.

    Speech starts where what it translates starts, or right after the speech before it, where that takes longer.
    Everything else is silence.
    """

    ducking_db = 0.0
    """By how much the original is to be lowered meanwhile, as the newest speech says."""

    def __init__(self, path: Path, sample_rate_hertz: int) -> None:
        self.path = path
        self.sounding: list[tuple[int, int]] = []
        """The stretches that are not silence, as samples of the file: a pair for each pause of the speaker."""
        self._sample_rate_hertz = sample_rate_hertz
        self._written_samples = 0
        self._file = wave.open(str(path), "wb")  # noqa: SIM115, close() closes it
        self._file.setnchannels(1)
        self._file.setsampwidth(_SAMPLE_BYTES)
        self._file.setframerate(sample_rate_hertz)

    def add(self, speech: gateway_pb2.Speech) -> None:
        """Appends a stretch of speech; the next one of the same source follows without a gap."""
        self.ducking_db = speech.ducking_db
        self._fill_until(seconds(speech.start_offset))
        start = self._written_samples
        self._write(self._at_own_rate(speech.audio.audio, speech.audio.sample_rate_hertz))
        if self.sounding and self.sounding[-1][1] == start:
            start, _ = self.sounding.pop()
        self.sounding.append((start, self._written_samples))

    def close(self, duration_seconds: float) -> None:
        """Ends the file; it lasts as long as the session, or longer where speech does."""
        self._fill_until(duration_seconds)
        self._file.close()

    def _fill_until(self, at_seconds: float) -> None:
        missing_bytes = (round(at_seconds * self._sample_rate_hertz) - self._written_samples) * _SAMPLE_BYTES
        for start in range(0, missing_bytes, len(_SILENCE)):
            self._write(_SILENCE[: missing_bytes - start])

    def _at_own_rate(self, audio: bytes, sample_rate_hertz: int) -> bytes:
        """A voice that stands in for another may have another rate; a file has one."""
        if sample_rate_hertz == self._sample_rate_hertz:
            return audio
        import numpy as np  # noqa: PLC0415, a rare need, and each command would wait for it
        import soxr  # noqa: PLC0415

        samples = np.frombuffer(audio, dtype="<i2")
        return bytes(soxr.resample(samples, sample_rate_hertz, self._sample_rate_hertz).tobytes())

    def _write(self, audio: bytes) -> None:
        self._file.writeframesraw(audio)
        self._written_samples += len(audio) // _SAMPLE_BYTES
