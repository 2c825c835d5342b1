import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench import report as written
from bench.gpu.device import GpuFacts
from bench.gpu.measure import Results, Wanted, measure, report
from bench.weights.whisper_tensors import SIZES
from tests.bench.gpu.conftest import SMALL

WANTED = Wanted(
    device="cpu",
    gpu=0,
    size="tiny",
    batch_sizes=[1, 2],
    seconds=0.01,
    talk_seconds=5,
    most_sessions=1,
    is_served=True,
)


def test_everything_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a processor, whose figures are printed and not written down; what cannot be measured is told."""
    monkeypatch.setitem(sys.modules, "pytriton", None)  # as if it were not installed
    monkeypatch.setitem(SIZES, "tiny", SMALL)
    monkeypatch.setattr(written, "RESULTS", tmp_path)
    output = StringIO()
    console = Console(width=120, file=output)
    results = measure(WANTED, console)
    report(results, console)
    engines = ["ours", "CTranslate2", "faster-whisper"]
    assert [(found.engine, found.batch_size) for found in results.throughput] == [
        (engine, size) for engine in engines for size in (1, 2)
    ]
    assert all(found.items_per_second > 0 and found.memory_mib is None for found in results.throughput)
    assert set(results.capacity) == {"ours", "ours, without prompts"}
    assert results.gpu is None
    assert ["Triton is not installed" in reason for reason in results.left_out] == [True]
    assert all(
        name in output.getvalue() for name in [*engines, "without prompts", "not installed", "nothing is written down"]
    )
    assert list(tmp_path.iterdir()) == []


def test_what_a_gpu_came_to_is_written_down(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With what it is."""
    monkeypatch.setattr(written, "RESULTS", tmp_path)
    results = Results(
        wanted=WANTED,
        compute_type="float16",
        gpu=GpuFacts("NVIDIA A2", "575.51.03", 15_356, 14_600),
        machine={},
        features_ms=1.0,
        throughput=[],
        trials={},
        capacity={},
        left_out=[],
    )
    report(results, Console(file=StringIO()))
    assert '"NVIDIA A2"' in (tmp_path / "gpu.json").read_text(encoding="utf-8")
