"""Between our units and those on the wire."""

from google.protobuf.duration_pb2 import Duration

from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.v1 import types_pb2

_NANOS_PER_SECOND = 1_000_000_000
_NANOS_PER_SAMPLE = _NANOS_PER_SECOND // SAMPLE_RATE_HERTZ  # 62,500: every sample count is exact in nanoseconds


def duration_of_samples(samples: int) -> Duration:
    """A count of 16 kHz samples as a duration, exactly."""
    seconds, rest = divmod(samples, SAMPLE_RATE_HERTZ)
    return Duration(seconds=seconds, nanos=rest * _NANOS_PER_SAMPLE)


def samples_of_duration(duration: Duration) -> int:
    """The 16 kHz samples in a duration, rounded down."""
    return duration.seconds * SAMPLE_RATE_HERTZ + duration.nanos // _NANOS_PER_SAMPLE


def duration_of_seconds(seconds: float) -> Duration:
    """Seconds as a duration."""
    nanos = round(seconds * _NANOS_PER_SECOND)
    return Duration(seconds=nanos // _NANOS_PER_SECOND, nanos=nanos % _NANOS_PER_SECOND)


def seconds_of_duration(duration: Duration) -> float:
    """A duration in seconds."""
    return duration.seconds + duration.nanos / _NANOS_PER_SECOND


def hop_times(**seconds_by_hop: float) -> list[types_pb2.HopTime]:
    """Hop times from keywords, where `__` stands for the dot: `hop_times(asr=0.2, asr__triton=0.1)`."""
    return [
        types_pb2.HopTime(hop=hop.replace("__", "."), duration=duration_of_seconds(seconds))
        for hop, seconds in seconds_by_hop.items()
    ]
