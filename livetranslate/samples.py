"""The one clock: time is the count of 16 kHz mono samples since the session's first."""

SAMPLE_RATE_HERTZ = 16_000
BYTES_PER_SAMPLE = 2


def segment_id(start_sample: int) -> str:
    """Name a segment by its first sample: twelve decimal digits, so that names sort by time."""
    return f"{start_sample:012d}"


def samples_of_ms(milliseconds: float) -> int:
    """Whole samples in a span of time."""
    return round(milliseconds * SAMPLE_RATE_HERTZ / 1000)


def ms_of_samples(samples: int) -> float:
    """The span of time that samples take."""
    return samples * 1000 / SAMPLE_RATE_HERTZ
