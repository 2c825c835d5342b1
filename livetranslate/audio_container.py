"""Containers, decoded while they arrive.

FFmpeg (through PyAV) pulls bytes, callers push them: a thread between the two runs only while a caller waits for it.
`feed` hands it bytes and takes samples until it asks for more bytes, so nothing piles up on either side, however much
a few bytes expand to.
"""

import threading
import weakref
from collections.abc import Iterator
from fractions import Fraction

import av
import av.container
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from livetranslate.audio_end import End, OggEnd, UnknownEnd, WavEnd
from livetranslate.audio_format import undecodable
from livetranslate.samples import SAMPLE_RATE_HERTZ

# The first bytes of each container, and FFmpeg's demuxer for it. No other demuxer is ever opened.
_DEMUXERS = (
    (b"RIFF", "wav"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"ID3", "mp3"),
    (b"\xff\xfb", "mp3"),
    (b"\xff\xfa", "mp3"),
    (b"\xff\xf3", "mp3"),
    (b"\xff\xf2", "mp3"),
    (b"\xff\xe3", "mp3"),
    (b"\xff\xe2", "mp3"),
)
_MAGIC_BYTES = 4
_ENDS: dict[str, type[End]] = {"wav": WavEnd, "ogg": OggEnd}
_CODECS = {"opus", "vorbis", "flac", "mp3"}  # and PCM

# Live streams should be heard at once: headers say enough, so FFmpeg need not look far ahead.
_OPTIONS = {"probesize": "16384", "analyzeduration": "0"}
# Pictures and other tags may take so much before the next sample; FFmpeg would keep all of it.
_MAX_SILENT_BYTES = 16 * 1024 * 1024
# A header's idea of the duration is off by padding; a cut is worth a notice beyond this.
_TRUNCATION_TOLERANCE_SECONDS = Fraction(1, 10)

Samples = NDArray[np.int16]


class _ClosedError(Exception):
    """The decoder was closed while its thread waited."""


class ContainerDecoder:
    """An `AudioDecoder` for containers; the first bytes tell which."""

    def __init__(self) -> None:
        """Starts nothing before the first bytes."""
        self._head = b""
        self._worker: _Worker | None = None
        self._end: End = UnknownEnd()
        self._silent_bytes = 0

    @property
    def truncated(self) -> bool:
        """Whether less could be decoded than the container promised."""
        return self._worker is not None and (self._worker.damaged or not self._end.reached)

    def feed(self, piece: bytes) -> Iterator[Samples]:
        """See `AudioDecoder`."""
        worker = self._worker
        if worker is None:
            piece = self._head = self._head + piece
            if len(piece) < _MAGIC_BYTES:
                return
            worker = self._start(_demuxer_of(piece))
        self._end.feed(piece)
        self._silent_bytes += len(piece)
        if self._silent_bytes > _MAX_SILENT_BYTES:
            raise undecodable(f"no sample in {_MAX_SILENT_BYTES} bytes")
        for samples in worker.exchange(piece):
            self._silent_bytes = 0
            yield samples

    def finish(self) -> Iterator[Samples]:
        """See `AudioDecoder`. A stream without a single byte has no samples, and that is no error."""
        if self._worker is not None:
            yield from self._worker.exchange(None)
        elif self._head:
            raise undecodable("it is no known container")

    def close(self) -> None:
        """Ends the thread."""
        if self._worker is not None:
            self._worker.close()

    def _start(self, demuxer: str) -> "_Worker":
        self._head = b""
        self._end = _ENDS.get(demuxer, UnknownEnd)()
        self._worker = _Worker(demuxer)
        weakref.finalize(self, self._worker.abandon)  # whoever forgets to close leaves no thread behind either
        self._worker.start()
        return self._worker


def _demuxer_of(head: bytes) -> str:
    for magic, demuxer in _DEMUXERS:
        if head.startswith(magic):
            return demuxer
    raise undecodable("it is no known container")


class _Worker:
    """The thread that FFmpeg pulls in, and the hand-over of bytes and samples.

    One lock guards all fields; at any moment either the thread or its caller waits for the other.
    """

    def __init__(self, demuxer: str) -> None:
        self._demuxer = demuxer
        self._changed = threading.Condition()
        self._bytes = memoryview(b"")
        self._no_more_bytes = False
        self._is_hungry = False
        self._samples: Samples | None = None
        self._is_closed = False
        self._is_done = False
        self._error: Exception | None = None
        self.damaged = False
        self._thread = threading.Thread(target=self._run, name="audio decoder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def exchange(self, piece: bytes | None) -> Iterator[Samples]:
        """Hands bytes over (None: there are no more) and takes samples until all bytes are used."""
        with self._changed:
            self._bytes = memoryview(piece or b"")
            self._no_more_bytes = piece is None
            self._is_hungry = piece == b""  # it asked for more than that
            self._changed.notify_all()
        while (samples := self._next_samples()) is not None:
            yield samples

    def _next_samples(self) -> Samples | None:
        with self._changed:
            self._changed.wait_for(lambda: self._samples is not None or self._is_hungry or self._is_done)
            samples, self._samples = self._samples, None
            self._changed.notify_all()
            if samples is None and self._error is not None:
                raise self._error
            return samples

    def abandon(self) -> None:
        """Tells the thread to end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Ends the thread."""
        self.abandon()
        self._thread.join()

    # What follows runs in the thread.

    def read(self, size: int) -> bytes:
        """FFmpeg's pull: some bytes, or none at the end."""
        with self._changed:
            if not self._bytes and not self._no_more_bytes:
                self._is_hungry = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._bytes or self._no_more_bytes or self._is_closed)
            if self._is_closed:
                return b""
            taken, self._bytes = self._bytes[:size], self._bytes[size:]
            return bytes(taken)

    def _emit(self, samples: Samples) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._samples is None or self._is_closed)
            if self._is_closed:
                raise _ClosedError
            self._samples = samples
            self._changed.notify_all()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            self._decode()
        except _ClosedError:
            pass
        except Exception as caught:  # noqa: BLE001 - raised again where the caller waits
            error = caught
        with self._changed:
            self._error = error
            self._is_done = True
            self._changed.notify_all()

    def _decode(self) -> None:
        try:
            container = av.open(self, mode="r", format=self._demuxer, options=_OPTIONS)
        except (FFmpegError, ValueError) as error:
            raise undecodable(f"no {self._demuxer} header") from error
        with container:
            stream = _audio_stream(container)
            expected_seconds = _duration(container, stream)
            sample_count = 0
            for samples in self._decoded(container, stream):
                sample_count += samples.size
                self._emit(samples)
        if not sample_count and self.damaged:
            raise undecodable("no sample in it is whole")
        missing_seconds = expected_seconds - Fraction(sample_count, SAMPLE_RATE_HERTZ)
        self.damaged |= missing_seconds > _TRUNCATION_TOLERANCE_SECONDS

    def _decoded(self, container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[Samples]:
        """The samples of whatever packets are whole."""
        resampler = _Resampler()
        for packet in self._packets(container, stream):
            try:
                frames = packet.decode()
            except FFmpegError:
                self.damaged = True
                continue
            for frame in frames:
                yield from resampler.resample(frame)
        yield from resampler.finish()

    def _packets(
        self, container: av.container.InputContainer, stream: av.AudioStream
    ) -> Iterator["av.Packet[av.AudioStream]"]:
        try:
            yield from container.demux(stream)
        except FFmpegError:
            self.damaged = True


class _Resampler:
    """FFmpeg's mixer and resampler, set up again where a stream changes its format midway."""

    def __init__(self) -> None:
        self._source: tuple[str, str, int] | None = None
        self._resampler: av.AudioResampler | None = None

    def resample(self, frame: av.AudioFrame) -> Iterator[Samples]:
        source = (frame.format.name, frame.layout.name, frame.sample_rate)
        if source != self._source or self._resampler is None:
            yield from self.finish()
            self._source = source
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HERTZ)
        yield from _arrays(self._resampler.resample(frame))

    def finish(self) -> Iterator[Samples]:
        if self._resampler is not None:
            yield from _arrays(self._resampler.resample(None))


def _arrays(frames: list[av.AudioFrame]) -> Iterator[Samples]:
    for frame in frames:
        if frame is not None and frame.samples:
            yield frame.to_ndarray().reshape(-1).astype(np.int16, copy=False)


def _audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    if not container.streams.audio:
        raise undecodable("there is no audio in it")
    stream = container.streams.audio[0]
    codec = stream.codec_context.codec.canonical_name
    if codec not in _CODECS and not codec.startswith("pcm_"):
        raise undecodable(f"its codec {codec} is not accepted")
    stream.codec_context.thread_count = 1  # a session's audio is a trickle
    return stream


def _duration(container: av.container.InputContainer, stream: av.AudioStream) -> Fraction:
    """What the header promises; 0 where it does not, as in a live recording."""
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return Fraction(container.duration or 0, av.time_base)
