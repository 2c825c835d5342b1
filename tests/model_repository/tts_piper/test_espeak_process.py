import ctypes.util
import importlib.util
import json
import subprocess
import sys
from typing import Any

import pytest

from tests.model_repository.loading import REPOSITORY, load_sibling

espeak_process = load_sibling("tts_piper", "espeak_process")

PROGRAM = [sys.executable, str(REPOSITORY / "tts_piper" / "1" / "espeak_process.py")]


def answers(*questions: Any) -> list[Any]:
    """What the program says, the first line included."""
    lines = "".join(f"{json.dumps(question)}\n" for question in questions)
    run = subprocess.run(PROGRAM, input=lines, capture_output=True, text=True, timeout=20, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_each_text_is_answered_by_its_clauses() -> None:
    """Phonemes come with the text that was read for them, one letter of the next clause included."""
    ready, first, second = answers({"voice": "es", "text": "No, no sé."}, {"voice": "en-us", "text": "Yes"})
    assert ready == {"error": None}
    assert first == {"clauses": [["nˈo", "No, n"], ["nˈo sˈe", "o sé."]]}  # noqa: RUF001 - IPA
    assert second == {"clauses": [["jˈɛs", "Yes"]]}  # noqa: RUF001


def test_an_unknown_voice_is_an_error_and_the_next_text_is_answered() -> None:
    """The error names the voice."""
    _, error, answer = answers({"voice": "tlh-x", "text": "nuqneH"}, {"voice": "es", "text": "Ya"})
    assert "tlh-x" in error["error"]
    assert answer["clauses"]


@pytest.mark.parametrize("text", ["", " ", "\0", "😀", "\ud800", "[[x]] <b>", "a" * 3000])
def test_any_text_is_answered(text: str) -> None:
    """Nothing is too strange for the program to go on."""
    assert len(answers({"voice": "en-us", "text": text}, {"voice": "es", "text": "Ya"})) == 3


def test_the_system_s_library_is_used_where_the_wheel_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows by itself where its data are."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: f"lib{name}.so.1")
    assert espeak_process.find_library() == ("libespeak-ng.so.1", None)
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    assert espeak_process.find_library() is None
