"""One of the model's graphs on ONNX Runtime; what it makes stays on the device until it is asked for."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from livetranslate.engine.onnx_session import open_session
from livetranslate.engine.placement import Placement

TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(int64)": np.int64}


class Graph:
    """A graph with named inputs and outputs."""

    def __init__(self, path: Path, placement: Placement) -> None:
        self._session = open_session(path, placement)
        self._device = placement.device, placement.device_index
        self._types = {tensor.name: TYPES[tensor.type] for tensor in self._session.get_inputs()}
        self._outputs = [tensor.name for tensor in self._session.get_outputs()]

    def run(self, **inputs: Any) -> dict[str, Any]:
        """The outputs by name, in their order, as ONNX Runtime's values.

        Args:
            **inputs: Arrays, of any type that can be cast to the graph's; or values that a graph has made.
        """
        binding = self._session.io_binding()
        for name, value in inputs.items():
            binding.bind_ortvalue_input(name, self._value(name, value))
        for name in self._outputs:
            binding.bind_output(name, *self._device)
        self._session.run_with_iobinding(binding)
        return dict(zip(self._outputs, binding.get_outputs(), strict=True))

    def empty_cache(self) -> dict[str, Any]:
        """The past of a decoder that has none: keys and values of each layer, without a position."""
        return {
            tensor.name: np.zeros((1, tensor.shape[1], 0, tensor.shape[3]), TYPES[tensor.type])
            for tensor in self._session.get_inputs()
            if tensor.name.startswith("past_key_values.")
        }

    def _value(self, name: str, value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(value, self._types[name]))
