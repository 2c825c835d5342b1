"""The settings of tts."""

import pytest

from livetranslate.settings import SettingsError
from tts.settings import TtsSettings


def test_the_default_is_loopback() -> None:
    """Without any variable tts listens on loopback only."""
    assert TtsSettings().listen == "127.0.0.1:50054"


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong variable is named with its value."""
    monkeypatch.setenv("LIVETRANSLATE_TTS_CHUNK_MS", "soon")
    monkeypatch.setenv("LIVETRANSLATE_TTS_INPUT_LIMIT", "0")
    with pytest.raises(SettingsError) as caught:
        TtsSettings.from_environment()
    assert "LIVETRANSLATE_TTS_CHUNK_MS='soon'" in str(caught.value)
    assert "LIVETRANSLATE_TTS_INPUT_LIMIT='0'" in str(caught.value)
