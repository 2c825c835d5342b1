import pytest

from tests.model_repository.loading import load_describe, load_sibling

describe = load_describe("tts_piper")
espeak_process = load_sibling("tts_piper", "espeak_process")


def test_nothing_is_missing_where_all_is_installed() -> None:
    """ONNX Runtime, the sentence splitter and eSpeak NG are there."""
    assert describe.describe() == {"parameters": {}, "missing": None}


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is a command that mends it."""
    monkeypatch.setattr(describe, "PACKAGES", ("no_such_package",))
    assert describe.describe()["missing"] == "pip install no_such_package"


def test_the_command_for_espeak_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any library of eSpeak NG, the voice is left out, and the command says how to get one."""
    monkeypatch.setattr(espeak_process, "find_library", lambda: None)
    assert describe.describe()["missing"] == "pip install espeakng-loader"
