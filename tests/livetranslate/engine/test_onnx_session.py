"""Where ONNX graphs run."""

from pathlib import Path
from typing import Any

import pytest

from livetranslate.engine.onnx_session import (
    CPU,
    CUDA,
    OPENVINO,
    DeviceError,
    check_device,
    choose_providers,
    open_session,
)
from livetranslate.engine.placement import Placement

PROCESSOR = Placement({}, "cpu", 0, 1)
GPU = Placement({}, "cuda", 1, 1)


def test_a_processor_is_always_there() -> None:
    """It is used where no GPU is asked for, also where there is one; through OpenVINO where that is installed."""
    assert choose_providers(PROCESSOR, [CUDA, CPU]) == [CPU]
    assert choose_providers(PROCESSOR, [OPENVINO, CPU]) == [(OPENVINO, {"device_type": "CPU"}), CPU]


def test_the_gpu_is_the_one_that_was_given() -> None:
    """With the processor behind it, for what no GPU can do."""
    chosen: list[Any] = choose_providers(GPU, [CUDA, CPU])
    (name, options), fallback = chosen
    assert (name, options["device_id"], fallback) == (CUDA, 1, CPU)


def test_a_gpu_that_cannot_be_used_is_told() -> None:
    """Whether ONNX Runtime knows none, or cannot load what it needs for it."""
    with pytest.raises(DeviceError, match="install --force-reinstall --no-deps onnxruntime-gpu"):
        choose_providers(GPU, [CPU])
    with pytest.raises(DeviceError, match="could not load CUDA"):
        check_device(GPU, [CPU])
    check_device(GPU, [CUDA, CPU])


def test_a_graph_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It names the file."""
    with pytest.raises(Exception, match=r"nothing\.onnx"):
        open_session(tmp_path / "nothing.onnx", PROCESSOR)
