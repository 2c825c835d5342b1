"""Where audio comes from: a file, standard input or the microphone."""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from livetranslate.cli.problems import CommandError

if TYPE_CHECKING:
    from sounddevice import RawInputStream

SAMPLE_RATE_HERTZ: Final = 16_000
_SAMPLE_BYTES: Final = 2
_CHUNKS_PER_SECOND: Final = 10  # 100 ms a message is a good size for live speech


@dataclass(frozen=True)
class Source:
    """PCM s16le audio and what is known of it.

    Attributes:
        chunks: The audio, 100 ms or so at a time.
        sample_rate_hertz: Samples per second and channel.
        channel_count: Interleaved channels.
        duration_seconds: How long it lasts; None where nobody knows.
        title: What to call it in listings.
    """

    chunks: Iterable[bytes]
    sample_rate_hertz: int = SAMPLE_RATE_HERTZ
    channel_count: int = 1
    duration_seconds: float | None = None
    title: str = ""

    @property
    def bytes_per_second(self) -> int:
        return self.sample_rate_hertz * self.channel_count * _SAMPLE_BYTES


def open_source(name: str, sample_rate_hertz: int, channel_count: int) -> Source:
    """Opens "-" (standard input, of the given format), "mic", or a file of any format."""
    if name == "-":
        if sys.stdin.isatty():
            raise CommandError("standard input is the keyboard: pipe PCM s16le audio into it, or use `mic`.")
        frame_bytes = channel_count * _SAMPLE_BYTES
        chunks = read_frames(sys.stdin.fileno(), frame_bytes, sample_rate_hertz // _CHUNKS_PER_SECOND)
        return Source(unless_empty(chunks), sample_rate_hertz, channel_count)
    if name == "mic":
        return Source(record_microphone())
    return open_file(Path(name))


def open_file(path: Path) -> Source:
    """Opens an audio or video file of any format.

    Raises:
        CommandError: There is no such file, or no audio in it.
    """
    import av  # noqa: PLC0415, decoders take their time to load, and most commands need none

    from livetranslate.audio import decode_file  # noqa: PLC0415

    if not path.is_file():
        raise CommandError(f"there is no file {str(path)!r}. Name an audio file, `-` for standard input, or `mic`.")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise CommandError(f"{str(path)!r} has no audio in it.")
            duration_seconds = container.duration / av.time_base if container.duration else None
    except av.FFmpegError as error:
        raise CommandError(f"{str(path)!r} is not an audio file that can be read ({error.strerror}).") from error
    pcm = (samples.tobytes() for samples in decode_file(path))
    chunks = sized(pcm, SAMPLE_RATE_HERTZ // _CHUNKS_PER_SECOND * _SAMPLE_BYTES)
    return Source(chunks, duration_seconds=duration_seconds, title=path.name)


def sized(chunks: Iterable[bytes], size_bytes: int) -> Iterator[bytes]:
    """Cuts a stream of bytes into pieces of one size; the last one may be shorter."""
    pending = bytearray()
    for chunk in chunks:
        pending += chunk
        while len(pending) >= size_bytes:
            yield bytes(pending[:size_bytes])
            del pending[:size_bytes]
    if pending:
        yield bytes(pending)


def read_frames(descriptor: int, frame_bytes: int, chunk_frames: int) -> Iterator[bytes]:
    """Reads whole frames as they come, until the end.

    It reads the descriptor, not `sys.stdin`: a thread that is blocked in the latter holds up the end of the process.
    """
    pending = b""
    while data := os.read(descriptor, frame_bytes * chunk_frames):
        pending += data
        whole_bytes = len(pending) - len(pending) % frame_bytes
        if whole_bytes:
            yield pending[:whole_bytes]
        pending = pending[whole_bytes:]
    if pending:
        yield pending


def unless_empty(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Passes audio on.

    Raises:
        CommandError: There was none at all.
    """
    if (first := next(chunks, None)) is None:
        raise CommandError("standard input was empty: pipe PCM s16le audio into it, or name a file.")
    yield from chain([first], chunks)


def record_microphone() -> Iterator[bytes]:
    """Records the default microphone, without end.

    Raises:
        CommandError: The package, the library or the microphone is missing.
    """
    try:
        import sounddevice  # noqa: PLC0415, an extra
    except ImportError as error:
        raise CommandError("the microphone needs an extra: pip install 'livetranslate[mic]'") from error
    except OSError as error:  # the package is there, the library is not
        raise CommandError("the microphone needs the PortAudio library: apt install libportaudio2") from error
    try:
        stream = sounddevice.RawInputStream(samplerate=SAMPLE_RATE_HERTZ, channels=1, dtype="int16")
    except sounddevice.PortAudioError as error:
        raise CommandError(f"there is no microphone that can be used ({error}).") from error
    return _recorded(stream)


def _recorded(stream: "RawInputStream") -> Iterator[bytes]:
    with stream:
        while True:
            audio, _overflowed = stream.read(SAMPLE_RATE_HERTZ // _CHUNKS_PER_SECOND)
            yield bytes(audio)
