"""Three minutes of audio in each session, in seconds."""

import pytest

from bench.soak import Soaked, soak
from bench.system import SERVICES


@pytest.fixture(scope="module")
def soaked() -> Soaked:
    """Three sessions of half silence and one of nothing else, against the whole system."""
    return soak(minutes=3, talking_count=3)


@pytest.mark.slow
def test_no_clock_drifts(soaked: Soaked) -> None:
    """Every sample sent is received and is either speech or silence; who is silent has no segment."""
    assert [ledger.sent for ledger in soaked.sessions.values()] == [3 * 60 * 16_000] * 4
    for ledger in soaked.sessions.values():
        assert (ledger.drift, ledger.unaccounted, ledger.overlaps) == (0, 0, 0)
        assert ledger.checkpoint == ledger.received
    segments = {name: ledger.segment_count for name, ledger in soaked.sessions.items()}
    assert segments.pop("silent") == 0
    assert min(segments.values()) > 10


@pytest.mark.slow
def test_no_service_grows(soaked: Soaked) -> None:
    """Two minutes of audio in four sessions leave less behind than they would take; files and threads stay as many."""
    audio_mib = 2 * 60 * 4 * 32_000 / 2**20
    for name in SERVICES:
        growth = soaked.processes[name]
        assert growth.own_mib[1] - growth.own_mib[0] < audio_mib / 2, name
        assert growth.file_count[1] <= growth.file_count[0] + 4, name
        assert growth.thread_count[1] <= growth.thread_count[0] + 2, name
