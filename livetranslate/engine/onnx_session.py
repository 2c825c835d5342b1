"""Opens an ONNX graph where a model is to run. It needs `onnxruntime`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import onnxruntime

from livetranslate.engine.placement import Placement

CUDA: Final = "CUDAExecutionProvider"
OPENVINO: Final = "OpenVINOExecutionProvider"
CPU: Final = "CPUExecutionProvider"
_ERRORS_ONLY = 3

Provider = str | tuple[str, Mapping[str, Any]]


class DeviceError(Exception):
    """A graph cannot run where it should; the message says what to do."""


def open_session(path: Path, placement: Placement, *, keeps_memory: bool = True) -> Any:
    """ONNX Runtime's session for a graph. Several threads may use it, and share its own threads.

    Args:
        path: The graph.
        placement: Where it is to run.
        keeps_memory: Whether it keeps what a run on the processor took: not where each has another length, for what
            is kept for the longest then fits no other.

    Raises:
        DeviceError: It is to run on a GPU, and cannot.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = placement.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # other models want the cores, too
    options.enable_cpu_mem_arena = options.enable_mem_pattern = keeps_memory
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
    if placement.device != "cuda":  # `onnxruntime-openvino` may be installed in place of `onnxruntime`
        openvino = (OPENVINO, {"device_type": placement.parameters.get("openvino_device", "CPU")})
        return [openvino, CPU] if OPENVINO in available else [CPU]
    if CUDA not in available:
        # The two packages have the same files; the one that was installed last is there.
        install = "pip install --force-reinstall --no-deps onnxruntime-gpu"
        raise DeviceError(f"this ONNX Runtime knows no GPU: {install}")
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
