"""A Piper voice's network on ONNX Runtime, on the best device there is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from livetranslate.engine.placement import Placement

CUDA, OPENVINO, CPU = "CUDAExecutionProvider", "OpenVINOExecutionProvider", "CPUExecutionProvider"
ERRORS_ONLY = 3

Provider = str | tuple[str, Mapping[str, Any]]


class DeviceError(Exception):
    """The network cannot run where it should; the message says what to do."""


class PiperNetwork:
    """The network. Several threads may use it at the same time."""

    def __init__(self, path: Path, placement: Placement) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = placement.threads  # shared by all who use the network at the same time
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other models want the cores, too
        options.log_severity_level = ERRORS_ONLY
        providers = choose_providers(placement, onnxruntime.get_available_providers())
        self._session = onnxruntime.InferenceSession(str(path), options, providers=providers)
        self._names = {tensor.name for tensor in self._session.get_inputs()}
        check_device(placement, self._session.get_providers())

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


def choose_providers(placement: Placement, available: Sequence[str]) -> list[Provider]:
    """ONNX Runtime's execution providers, the best first.

    Raises:
        DeviceError: A GPU is wanted, and this ONNX Runtime knows none.
    """
    if placement.device == "cuda":
        if CUDA not in available:
            raise DeviceError("this ONNX Runtime cannot use a GPU: pip install 'livetranslate[gpu]'")
        options = {
            "device_id": placement.device_index,
            "cudnn_conv_algo_search": "HEURISTIC",  # trying all takes seconds for each new length of a sentence
            "arena_extend_strategy": "kSameAsRequested",  # other models share the memory
        }
        return [(CUDA, options), CPU]
    if OPENVINO in available:  # `onnxruntime-openvino` is installed in place of `onnxruntime`
        return [(OPENVINO, {"device_type": placement.parameters.get("openvino_device", "CPU")}), CPU]
    return [CPU]


def check_device(placement: Placement, used: Sequence[str]) -> None:
    """Where a GPU's libraries are missing, ONNX Runtime says nothing and takes the processor.

    Raises:
        DeviceError: That is what it did.
    """
    if placement.device == "cuda" and CUDA not in used:
        raise DeviceError(
            "ONNX Runtime could not load CUDA or cuDNN (its log says which); "
            "install the libraries of its version: pip install 'livetranslate[gpu]'"
        )
