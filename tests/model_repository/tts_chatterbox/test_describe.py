import pytest

from tests.model_repository.loading import load_describe

describe = load_describe("tts_chatterbox")


def test_nothing_is_missing_here() -> None:
    """The packages are those of this environment."""
    assert describe.describe() == {"parameters": {}, "missing": None}


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the command that installs it."""
    monkeypatch.setattr(describe, "PACKAGES", ("json", "no_such_package"))
    assert describe.describe()["missing"] == "pip install no_such_package"
