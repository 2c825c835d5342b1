from itertools import pairwise

import pytest

from bench.capacity.crowd import SETTLE_SECONDS, Round, ramp_seconds


def test_the_more_there_are_the_faster_others_follow() -> None:
    """Three a second at first, then a tenth of those who are there, fifteen in the end."""
    assert ramp_seconds(0) == 0
    assert ramp_seconds(31) - ramp_seconds(30) == pytest.approx(1 / 3, rel=0.05)
    assert ramp_seconds(101) - ramp_seconds(100) == pytest.approx(1 / 10, rel=0.05)
    assert ramp_seconds(301) - ramp_seconds(300) == pytest.approx(1 / 15)
    gaps = [later - earlier for earlier, later in pairwise(map(ramp_seconds, range(400)))]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(gaps))


def test_the_window_begins_when_all_are_there() -> None:
    """And those who were refused may come again until they would have no time to settle."""
    visits = Round(150, 100.0, 12.0).visits()
    window = Round(150, 100.0, 12.0).window
    assert len(visits) == 150
    assert max(visit.start for visit in visits) < visits[0].until == window.start - SETTLE_SECONDS
    assert {visit.end for visit in visits} == {visits[0].end}
    assert visits[0].end > window.end
    phases = sorted(visit.start % 0.1 for visit in visits[:30])
    assert min(later - earlier for earlier, later in pairwise(phases)) > 0.0001  # no two send in step
