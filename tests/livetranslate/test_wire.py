import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.wire import (
    duration_of_samples,
    duration_of_seconds,
    hop_times,
    samples_of_duration,
    seconds_of_duration,
)


@given(st.integers(0, 10**11))
def test_samples_travel_exactly(samples: int) -> None:
    """Any count of samples comes back from the wire as it was, and its duration is well-formed."""
    duration = duration_of_samples(samples)
    assert 0 <= duration.nanos < 10**9
    assert samples_of_duration(duration) == samples


def test_durations_between_samples_round_down() -> None:
    """A duration that ends inside a sample does not count it."""
    assert samples_of_duration(Duration(nanos=62_499)) == 0
    assert samples_of_duration(Duration(seconds=1, nanos=62_500)) == 16_001


@given(st.floats(0, 1e6))
def test_seconds_travel_to_the_nanosecond(seconds: float) -> None:
    """Seconds come back from the wire to within a nanosecond."""
    assert seconds_of_duration(duration_of_seconds(seconds)) == pytest.approx(seconds, abs=2e-9)


def test_hops_are_named_with_dots() -> None:
    """Hop times keep their order, and a double underscore is a dot."""
    times = hop_times(asr=0.5, asr__triton=0.25)
    assert [(time.hop, time.duration.ToMilliseconds()) for time in times] == [("asr", 500), ("asr.triton", 250)]
