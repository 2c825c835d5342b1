"""A Whisper that hears tones, saved once."""

from pathlib import Path

import pytest

from bench.weights.whisper_ir import save_tone_whisper_ir


@pytest.fixture(scope="session")
def tone_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder, not to be changed."""
    folder = tmp_path_factory.mktemp("weights") / "whisper-tones-ov"
    save_tone_whisper_ir(folder)
    return folder
