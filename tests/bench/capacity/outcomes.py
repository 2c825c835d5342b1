"""Outcomes that were never measured."""

from bench.capacity.bare import BareTrial
from bench.capacity.knock import Knock
from bench.capacity.measure import LOAD, Outcome
from bench.capacity.trial import ADDED_PARTIAL, COMMIT_LAG, Spread, Trial
from bench.system import BESIDE, SERVICES

GOOD = Spread(100, 900.0, 1_100.0, 1_200.0, 1_500.0)
NEVER = Spread(10, None, None, None, None)


def trial(sessions: int, *broken: str) -> Trial:
    """A number of sessions."""
    return Trial(
        sessions=sessions,
        latencies={COMMIT_LAG: NEVER if broken else GOOD, ADDED_PARTIAL: Spread(9, 20.0, 30.0, 40.0, 50.0)},
        drift_seconds=0.0,
        rtfx=sessions * 0.9,
        cpu_ms_per_audio_second=dict.fromkeys((*SERVICES, *BESIDE, LOAD), 1.5),
        failures={},
        degradation=0,
        slip_p99_ms=2.0,
        broken=broken,
    )


KNOCK = Knock(
    sessions=10,
    knockers=20,
    before=GOOD,
    during=Spread(100, 950.0, 1_150.0, 1_260.0, 1_600.0),
    let_in=2,
    refused=17,
    retry_seconds=(1.0, 4.5),
    failed={"BROKEN": 1},
    answer=Spread(20, 5.0, 8.0, 9.0, 12.0),
    let_in_commit_lag=GOOD,
    lost={},
    degradation=0,
)
OUTCOME = Outcome(
    mode="embedded",
    aim="0.8 or more of the bare engine",
    sessions=10,
    refused=12,
    trials=[trial(8), trial(10), trial(12, "commit lag: not all came")],
    bare_sessions=12,
    bare_trials=[BareTrial(12, GOOD, 0.1, []), BareTrial(14, NEVER, 0.9, ["falls behind"])],
    knock=KNOCK,
)
