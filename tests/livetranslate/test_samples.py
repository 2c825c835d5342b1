from hypothesis import given
from hypothesis import strategies as st

from livetranslate.samples import ms_of_samples, samples_of_ms, segment_id

samples = st.integers(0, 10**11)


@given(samples, samples)
def test_names_sort_by_time(one: int, other: int) -> None:
    """Segments' names sort as their first samples do."""
    assert (segment_id(one) < segment_id(other)) == (one < other)


@given(samples)
def test_milliseconds_and_back(count: int) -> None:
    """Samples become milliseconds and the same samples again."""
    assert samples_of_ms(ms_of_samples(count)) == count


def test_a_millisecond_is_sixteen_samples() -> None:
    """The clock ticks at 16 kHz."""
    assert samples_of_ms(1) == 16
    assert ms_of_samples(8) == 0.5
