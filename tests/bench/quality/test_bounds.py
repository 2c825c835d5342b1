import json
from pathlib import Path

import pytest

from bench.quality import bounds
from bench.quality.bounds import Bound, broken, read_bounds, record_bounds
from bench.quality.figures import Spread

BOUNDS = {"word_error_rate": Bound(0.05, 0.02, "a word"), "bleu_share": Bound(0.9, 0.05, "a sentence")}


def test_worse_by_more_than_noise_is_told() -> None:
    """What is better, or as good but for noise, is not."""
    assert broken(BOUNDS, {"word_error_rate": 0.0, "bleu_share": 1.0}) == []
    assert broken(BOUNDS, {"word_error_rate": 0.069, "bleu_share": 0.86}) == []
    assert broken(BOUNDS, {"word_error_rate": 0.08, "bleu_share": 0.84}) == [
        "word_error_rate is 0.08; it was 0.05, and 0.02 is noise (a word)",
        "bleu_share is 0.84; it was 0.9, and 0.05 is noise (a sentence)",
    ]


def test_what_could_not_be_measured_is_no_success() -> None:
    """A session without any translation has no share of BLEU: that is told, too."""
    assert broken(BOUNDS, {"word_error_rate": 0.0}) == ["bleu_share could not be measured"]


def test_recording_keeps_tolerances_and_other_materials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the values of the material that was measured are replaced."""
    monkeypatch.setattr(bounds, "PATH", tmp_path / "bounds.json")
    lag = {"value": 1.0, "tolerance": 0.5, "reason": "busy machines"}
    bounds.PATH.write_text(json.dumps({"talk": {"lag.p50": lag}, "demo": {"lag.p50": lag}}), encoding="utf-8")
    record_bounds("talk", {"lag": Spread(1, 0.8, 0.9, 0.9), "bleu": 20.0})
    assert read_bounds("talk") == {"lag.p50": Bound(0.8, 0.5, "busy machines")}
    assert read_bounds("demo") == {"lag.p50": Bound(1.0, 0.5, "busy machines")}
