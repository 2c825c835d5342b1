import json
from dataclasses import asdict
from pathlib import Path

from bench.capacity.planning import Measured, needs_of, read_measured
from tests.bench.capacity.outcomes import GOOD, trial


def needs(sessions: int, measured: Measured) -> dict[str, str]:
    """The amounts by part."""
    return {need.part: need.amount for need in needs_of(sessions, measured)}


def test_needs_grow_with_the_sessions() -> None:
    """CPU by sessions and processes that are six tenths full, with a spare replica; rows by finals."""
    measured = Measured(
        cpu_ms={"gateway": 2.4, "asr": 3.0, "mt": 0.6, "triton": 4.0},
        finals_per_second=0.25,
        rows_per_second=10_000,
        engine_sessions_per_core=5.0,
    )
    amounts = needs(10_000, measured)
    assert amounts["gateway, replicas"] == "41"
    assert amounts["asr, replicas"] == "51"
    assert amounts["mt, replicas"] == "11"
    assert amounts["Triton beside its engines, cores"] == "40.0"
    assert amounts["embedded engines, cores with all services"] == "2,000"
    assert amounts["rows a second"] == "5,000"
    assert amounts["share of one database"] == "50%"


def test_what_was_not_measured_is_not_guessed() -> None:
    """It says what to run."""
    measured = Measured(cpu_ms=dict.fromkeys(("gateway", "asr", "mt", "triton"), 1.0), finals_per_second=0.2)
    assert needs(100, measured)["embedded engines, cores with all services"] == "?"
    assert "share of one database" not in needs(100, measured)


def test_figures_are_read_from_the_results(tmp_path: Path) -> None:
    """Those of the largest number that was carried; before anything was measured there is nothing to read."""
    assert read_measured(tmp_path) is None
    trials = [asdict(one) for one in (trial(80), trial(100), trial(120, "commit lag"))]
    for one in trials:
        one["latencies"]["final transcript"] = asdict(GOOD)
    written = {"trials": trials, "plan": {"window_seconds": 10.0}}
    (tmp_path / "capacity_null.json").write_text(json.dumps(written))
    (tmp_path / "capacity_embedded.json").write_text(json.dumps({"sessions": 9, "machine": {"cores": 2}}))
    (tmp_path / "store.json").write_text(json.dumps({"results": {"most_per_second": 9_000}}))
    measured = read_measured(tmp_path)
    assert measured is not None
    assert measured.finals_per_second == 100 / 100 / 10
    assert measured.cpu_ms["asr"] == 1.5
    assert measured.rows_per_second == 9_000
    assert measured.engine_sessions_per_core == 4.5
