import os
import sys
from itertools import islice
from pathlib import Path

import pytest

from livetranslate.cli.problems import CommandError
from livetranslate.cli.sources import open_source, read_frames, record_microphone, sized, unless_empty


def test_file(recording: Path) -> None:
    """A file comes as 100 ms pieces of 16 kHz mono, and its duration and name are known."""
    source = open_source(str(recording), 16_000, 1)
    sizes = [len(chunk) for chunk in source.chunks]
    assert set(sizes) == {3_200}
    assert sum(sizes) == 112_000
    assert (source.duration_seconds, source.title) == (3.5, "talk.wav")


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named, with what could be given instead."""
    with pytest.raises(CommandError, match=r"there is no file '.*nothing\.wav'\. Name an audio file"):
        open_source(str(tmp_path / "nothing.wav"), 16_000, 1)


@pytest.mark.parametrize("content", [b"", b"\x00\xff garbage" * 1_000])
def test_unreadable_file(tmp_path: Path, content: bytes) -> None:
    """A file without readable audio is refused before anything is sent."""
    path = tmp_path / "noise.bin"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"noise\.bin"):
        open_source(str(path), 16_000, 1)


def test_whole_frames_are_read() -> None:
    """However a pipe cuts the bytes, whole frames of all channels come out, and the end is kept."""
    reading, writing = os.pipe()
    os.write(writing, b"abcdefg")
    frames = read_frames(reading, frame_bytes=4, chunk_frames=100)
    assert next(frames) == b"abcd"
    os.write(writing, b"hi")
    os.close(writing)
    assert list(frames) == [b"efgh", b"i"]
    os.close(reading)


def test_empty_standard_input() -> None:
    """A pipe that brings nothing is a mistake, and the message says what is expected."""
    with pytest.raises(CommandError, match="standard input was empty: pipe PCM"):
        list(unless_empty(iter([])))
    assert list(unless_empty(iter([b"ab", b"cd"]))) == [b"ab", b"cd"]


def test_sized() -> None:
    """Pieces of any size become pieces of one size, and nothing is lost."""
    assert list(sized([b"abc", b"", b"defgh"], 3)) == [b"abc", b"def", b"gh"]


def test_microphone_without_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the error names the extra."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(CommandError, match=r"pip install 'livetranslate\[mic\]'"):
        record_microphone()


def test_microphone_without_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without PortAudio the error names the system package."""
    provide_sounddevice(monkeypatch, tmp_path, "raise OSError('PortAudio library not found')")
    with pytest.raises(CommandError, match="apt install libportaudio2"):
        record_microphone()


def test_no_microphone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a microphone gets PortAudio's own words."""
    module = """
class PortAudioError(Exception): ...
def RawInputStream(**options): raise PortAudioError("Error querying device -1")
"""
    provide_sounddevice(monkeypatch, tmp_path, module)
    with pytest.raises(CommandError, match="Error querying device -1"):
        record_microphone()


def test_microphone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The microphone is recorded at 16 kHz mono, 100 ms at a time."""
    module = """
from contextlib import nullcontext
class RawInputStream(nullcontext):
    def __init__(self, samplerate, channels, dtype):
        super().__init__()
        self.sample_bytes = {"int16": 2}[dtype] * channels
    def read(self, frames):
        return memoryview(bytes(frames * self.sample_bytes)), False
"""
    provide_sounddevice(monkeypatch, tmp_path, module)
    recording = open_source("mic", 16_000, 1)
    assert [len(chunk) for chunk in islice(recording.chunks, 3)] == [3_200] * 3


def provide_sounddevice(monkeypatch: pytest.MonkeyPatch, folder: Path, module: str) -> None:
    """Puts a module in the place of `sounddevice`, which behaves as its machine would."""
    (folder / "sounddevice.py").write_text(module)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
