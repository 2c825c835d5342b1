"""The model on small graphs, and somebody to imitate."""

from pathlib import Path
from typing import Any

import numpy as np

from livetranslate.engine.placement import Placement
from livetranslate.stack.models import _read_config
from livetranslate.weights import read_weights
from tests.model_repository.loading import REPOSITORY


def placement(folder: Path, **parameters: str) -> Placement:
    """Where the weights in a folder run, with the parameters that Triton would give them."""
    config = _read_config(REPOSITORY / "tts_chatterbox")
    described = {key: value.string_value for key, value in config.parameters.items()}
    own = read_weights(folder).parameters
    return Placement(described | dict(own) | {"weights": str(folder)} | parameters, "cpu", 0, 1)


def hum(hertz: float, seconds: float = 5.0) -> Any:
    """Somebody who hums: INT16 samples at 16 kHz."""
    times = np.arange(round(seconds * 16_000)) / 16_000
    return (8000 * np.sin(2 * np.pi * hertz * times + 0.1)).astype(np.int16)
