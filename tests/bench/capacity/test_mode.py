from pathlib import Path

import pytest

from bench.capacity.mode import MODES, missing_weights


def test_what_needs_no_weights_misses_none() -> None:
    """Nothing has to be installed for engines that cost nothing, or for those that come with the project."""
    assert [missing_weights(MODES[name]) for name in ("null", "embedded")] == ["", ""]


def test_missing_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs them."""
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path))
    assert "livetranslate models pull --profile cpu" in missing_weights(MODES["cpu"])
