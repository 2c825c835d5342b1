from pathlib import Path

import pytest

from tests.livetranslate.cli.conftest import Livetranslate


def test_a_model_that_cannot_be_read_is_one_of_the_findings(
    livetranslate: Livetranslate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All others are there beside it."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "weights.json").write_text("nonsense")
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path))
    done = livetranslate("doctor", "--profile", "cpu")
    assert done.code == 1
    text = "".join(done.out.split())
    assert "doesnotdescribeweights" in text
    assert "processorcores" in text
    assert "PostgreSQL" in text
