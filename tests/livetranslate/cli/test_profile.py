from pathlib import Path

import pytest

from livetranslate.cli.profile import chosen


def test_a_profile_that_is_named_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the machine has, and without a word."""
    assert chosen("gpu") == "gpu"
    assert capsys.readouterr().err == ""


def test_what_auto_chooses_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without weights, on any machine, it is the profile that needs none."""
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path))
    assert chosen("auto") == "embedded"
    assert capsys.readouterr().err == "Profile embedded: it needs neither weights nor a special processor.\n"
