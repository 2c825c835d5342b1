"""Opens an ONNX graph where a model is to run. It needs `onnxruntime`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import onnxruntime

from livetranslate.engine.placement import Placement

CUDA: Final = "CUDAExecutionProvider"
CPU: Final = "CPUExecutionProvider"
_ERRORS_ONLY = 3

Provider = str | tuple[str, Mapping[str, Any]]


class DeviceError(Exception):
    """A graph cannot run where it should; the message says what to do."""


def open_session(path: Path, placement: Placement) -> Any:
    """ONNX Runtime's session for a graph.

    Raises:
        DeviceError: It is to run on a GPU, and cannot.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = placement.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other models want the cores, too
    options.log_severity_level = _ERRORS_ONLY
    providers = choose_providers(placement, onnxruntime.get_available_providers())
    session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    check_device(placement, session.get_providers())
    return session


def choose_providers(placement: Placement, available: Sequence[str]) -> list[Provider]:
    """The execution providers for a placement, the best first.

    Raises:
        DeviceError: A GPU is wanted, and this ONNX Runtime knows none.
    """
    if placement.device != "cuda":
        return [CPU]
    if CUDA not in available:
        raise DeviceError("this ONNX Runtime cannot use a GPU: pip install 'livetranslate[gpu]'")
    options = {
        "device_id": placement.device_index,
        "cudnn_conv_algo_search": "HEURISTIC",  # trying all takes seconds for each new length
        "arena_extend_strategy": "kSameAsRequested",  # other models share the memory
    }
    return [(CUDA, options), CPU]


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
