"""A Piper voice's network on ONNX Runtime, on the best device there is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from livetranslate.engine.placement import Placement

CUDA, OPENVINO, CPU = "CUDAExecutionProvider", "OpenVINOExecutionProvider", "CPUExecutionProvider"
ERRORS_ONLY = 3
INSTALL_GPU = "pip install --force-reinstall --no-deps onnxruntime-gpu"
INSTALL_CUDA = "pip install 'onnxruntime-gpu[cuda,cudnn]'"

Provider = str | tuple[str, Mapping[str, Any]]


class PiperNetwork:
    """The network. Several threads may use it at the same time.

    Attributes:
        problem: Why it does not run on the device that it was given; None where it does.
    """

    def __init__(self, path: Path, placement: Placement) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = placement.threads  # shared by all who use the network at the same time
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other models want the cores, too
        # Each sentence has another length: what is kept for the longest (0.7 GB) fits no other, and saves no time.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = ERRORS_ONLY
        available = onnxruntime.get_available_providers()
        self._session = onnxruntime.InferenceSession(str(path), options, choose_providers(placement, available))
        self._names = {tensor.name for tensor in self._session.get_inputs()}
        self.problem = missed_device(placement, available, self._session.get_providers())

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
    """ONNX Runtime's execution providers that are there, the best first."""
    if placement.device == "cuda" and CUDA in available:
        options = {
            "device_id": placement.device_index,
            "cudnn_conv_algo_search": "HEURISTIC",  # trying all takes seconds for each new length of a sentence
            "arena_extend_strategy": "kSameAsRequested",  # other models share the memory
        }
        return [(CUDA, options), CPU]
    if OPENVINO in available:  # `onnxruntime-openvino` is installed in place of `onnxruntime`
        return [(OPENVINO, {"device_type": placement.parameters.get("openvino_device", "CPU")}), CPU]
    return [CPU]


def missed_device(placement: Placement, available: Sequence[str], used: Sequence[str]) -> str | None:
    """Why the network does not run on the GPU that it was given, and what to do; None where it does, or has none.

    ONNX Runtime itself goes on with the processor where a library is missing.
    """
    if placement.device != "cuda" or CUDA in used:
        return None
    if CUDA not in available:  # the two packages have the same files; the one that was installed last is there
        return f"this ONNX Runtime knows no GPU, so the voice runs on the processor: {INSTALL_GPU}"
    return f"ONNX Runtime cannot load CUDA or cuDNN, so the voice runs on the processor: {INSTALL_CUDA}"
