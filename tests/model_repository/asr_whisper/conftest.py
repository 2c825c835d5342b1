from pathlib import Path
from typing import Any

import pytest

from bench.weights.whisper import save_tone_whisper
from livetranslate.engine.placement import Placement
from tests.model_repository.loading import load_sibling

PARAMETERS = {
    "languages": "en es fr de vi",
    "compute_type_cpu": "float32",
    "beam_size": "1",
    "padding": "trained",
    "tokens_per_second": "15",
}


@pytest.fixture(scope="package")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper that hears tones."""
    folder = tmp_path_factory.mktemp("models") / "whisper-tones"
    save_tone_whisper(folder)
    return folder


@pytest.fixture(scope="package")
def whisper(weights: Path) -> Any:
    return load(weights)


def load(weights: Path, **parameters: str) -> Any:
    """That Whisper with other parameters than its own."""
    place = Placement({**PARAMETERS, **parameters, "weights": str(weights)}, "cpu", 0, 2)
    return load_sibling("asr_whisper", "ct2_whisper").load_whisper(place)
