"""A Piper voice's network on ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from livetranslate.engine.onnx_session import open_session
from livetranslate.engine.placement import Placement


class PiperNetwork:
    """The network. Several threads may use it at the same time."""

    def __init__(self, path: Path, placement: Placement) -> None:
        """Raises `DeviceError` where it cannot run on the GPU that it was given."""
        self._session = open_session(path, placement, keeps_memory=False)  # 0.7 GB for the longest sentence
        self._names = {tensor.name for tensor in self._session.get_inputs()}

    def speak(self, ids: Sequence[int], scales: Sequence[float], speaker: int) -> Any:
        """Speak one sentence: FP32 samples, about -1 to 1.

        Args:
            ids: Of its phonemes.
            scales: Noise of the sound, length, noise of the lengths.
            speaker: Which, where there are several.
        """
        inputs = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
            "sid": np.array([speaker], np.int64),
        }
        (sound,) = self._session.run(["output"], {name: inputs[name] for name in self._names})
        return sound.ravel()
