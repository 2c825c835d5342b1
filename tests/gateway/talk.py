"""English speech to send, and the formats to send it in."""

import io
from functools import cache
from pathlib import Path

import av
import numpy as np
import soxr
from numpy.typing import NDArray

from livetranslate.audio import decode_file
from livetranslate.samples import SAMPLE_RATE_HERTZ

RECORDING = Path(__file__).parents[2] / "demo" / "meeting.flac"
CONTAINERS = {
    "wav": ("wav", "pcm_s16le", 48_000),
    "flac": ("flac", "flac", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "ogg": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
}


@cache
def talk(seconds: float = 60.0, start_seconds: float = 0.0) -> NDArray[np.int16]:
    """The recording, or a part of it."""
    samples = np.concatenate(list(decode_file(RECORDING)))
    start = round(start_seconds * SAMPLE_RATE_HERTZ)
    return samples[start : start + round(seconds * SAMPLE_RATE_HERTZ)]


def pieces(audio: bytes, size: int = 16_000) -> list[bytes]:
    """Audio in messages."""
    return [audio[start : start + size] for start in range(0, len(audio), size)]


def resampled(samples: NDArray[np.int16], rate: int) -> NDArray[np.int16]:
    """The same at another rate."""
    converted: NDArray[np.int16] = soxr.resample(samples, SAMPLE_RATE_HERTZ, rate)
    return converted


def in_container(samples: NDArray[np.int16], name: str) -> bytes:
    """The same as a file."""
    container_format, codec, rate = CONTAINERS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HERTZ, 0
        context = stream.codec_context
        framer = av.AudioResampler(context.format, "mono", rate, frame_size=context.frame_size or 1024)
        for part in (*framer.resample(frame), *framer.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()
