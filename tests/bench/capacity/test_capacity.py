"""Small forms of the load tests, against the whole system with engines that cost nothing."""

from collections.abc import Iterator

import pytest

from bench.capacity.crowd import Crowd, gathered_crowd, new_round
from bench.capacity.knock import knock
from bench.capacity.measure import LOAD, become_calm, served_trial
from bench.capacity.mode import MODES
from bench.capacity.told import NEVER, Told
from bench.capacity.trial import COMMIT_LAG, within
from bench.system import BESIDE, SERVICES
from livetranslate.stack import Stack
from livetranslate.stack.ports import HOST, free_ports

SESSIONS = 4


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    """Two processes that play."""
    with gathered_crowd(2) as crowd:
        yield crowd


@pytest.mark.slow
def test_every_text_that_is_due_comes_and_none_comes_before(null_system: Stack, crowd: Crowd) -> None:
    """What the system tells is what the recognizer's core, asked without the system, says will be told, and when."""
    plan = new_round(SESSIONS, 6.0)
    records, _ = crowd.play(null_system.gateway_address, plan.visits(), plan.window).results()
    told = [Told(record) for record in records]
    for latencies in (
        [lag for one in told for lag in one.added(is_final=False)],
        [lag for one in told for lag in one.added(is_final=True)],
        [lag for one in told for lag in one.added_to_translations()],
    ):
        in_window = [lag.seconds for lag in within(latencies, plan.window)]
        assert len(in_window) >= SESSIONS
        assert min(in_window) > 0
        assert max(in_window) < NEVER


@pytest.mark.slow
def test_a_trial_tells_what_it_cost(null_system: Stack, crowd: Crowd) -> None:
    """The CPU of every part, that of the load too, and how much audio was dealt with."""
    trial = served_trial(MODES["null"], null_system, crowd, SESSIONS, 4.0)
    assert trial.sessions == SESSIONS
    assert trial.failures == {}
    assert trial.latencies[COMMIT_LAG].count > SESSIONS
    assert trial.cpu_ms_per_audio_second.keys() == {*SERVICES, *BESIDE, LOAD}
    assert trial.cpu_ms_per_audio_second["asr"] > 0
    assert 0 < trial.rtfx < SESSIONS


@pytest.mark.slow
def test_those_who_knock_are_counted(null_system: Stack, crowd: Crowd) -> None:
    """Each one is let in, or refused, or failed; a few more than run are no burden."""
    knocked = knock(crowd, null_system.gateway_address, SESSIONS, 5.0)
    assert knocked.knockers == 2 * SESSIONS
    assert knocked.let_in + knocked.refused + sum(knocked.failed.values()) == knocked.knockers
    assert knocked.lost == {}
    assert knocked.before.p95_ms is not None
    assert knocked.during.p95_ms is not None


@pytest.mark.slow
def test_a_gateway_at_rest_is_calm(null_system: Stack) -> None:
    """A session that says next to nothing is let in; nobody answers where there is no gateway."""
    assert become_calm(null_system.gateway_address)
    assert not become_calm(f"{HOST}:{free_ports(1)[0]}", limit_seconds=0)
