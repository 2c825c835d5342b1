"""Where bytes of PCM lie on the session's clock, which counts 16 kHz samples."""

from math import gcd
from typing import Final

from google.protobuf.duration_pb2 import Duration

from livetranslate.v1 import types_pb2

RATE_HERTZ: Final = 16_000
_NANOS_PER_SAMPLE: Final = 1_000_000_000 // RATE_HERTZ
_LEAD_SAMPLES: Final = (
    RATE_HERTZ // 4
)  # a resampler's filter needs a little of what came before to give the same samples


class Clock:
    """Converts between the bytes that a caller sends and 16 kHz samples.

    Audio of another rate can be cut without a rounding error only where both clocks tick together: every *unit*, which
    for 44.1 kHz is 441 frames or 160 samples.
    """

    def __init__(self, audio_format: types_pb2.AudioFormat) -> None:
        sample_bytes = 4 if audio_format.encoding == types_pb2.AUDIO_ENCODING_PCM_F32LE else 2
        frame_bytes = sample_bytes * (audio_format.channel_count or 1)
        rate = audio_format.sample_rate_hertz or RATE_HERTZ
        self.bytes_per_second = frame_bytes * rate
        self._unit_bytes = rate // gcd(rate, RATE_HERTZ) * frame_bytes
        self._unit_samples = RATE_HERTZ // gcd(rate, RATE_HERTZ)
        self._lead_samples = 0 if rate == RATE_HERTZ else _LEAD_SAMPLES

    def cut_before(self, samples: int) -> int:
        """The byte from which the audio is needed to make all samples from the given one on."""
        return max(0, samples - self._lead_samples) // self._unit_samples * self._unit_bytes

    def aligned(self, byte: int) -> int:
        """The last byte, up to this one, at which both clocks tick."""
        return byte - byte % self._unit_bytes

    def samples(self, byte: int) -> int:
        """The samples that so many bytes make, rounded down; exact where the byte is aligned."""
        return byte * self._unit_samples // self._unit_bytes


def samples_of(duration: Duration) -> int:
    """The samples in a duration, rounded down."""
    return duration.seconds * RATE_HERTZ + duration.nanos // _NANOS_PER_SAMPLE


def duration_of(samples: int) -> Duration:
    """Samples as a duration, exactly."""
    return Duration(seconds=samples // RATE_HERTZ, nanos=samples % RATE_HERTZ * _NANOS_PER_SAMPLE)
