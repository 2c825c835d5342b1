"""What Triton's Python backend offers to a model, as far as the kit uses it, and requests to ask it with."""

from types import ModuleType
from typing import Any

import numpy as np


class Tensor:
    """A named array."""

    def __init__(self, name: str, values: Any) -> None:
        self.name = name
        self._values = values

    def as_numpy(self) -> Any:
        return self._values


class TritonError(Exception):
    """An error with a code."""

    INTERNAL, INVALID_ARG, UNAVAILABLE, CANCELLED = "internal", "invalid", "unavailable", "cancelled"


class Response:
    """Tensors by name, or an error."""

    def __init__(self, tensors: list[Tensor] | None = None, error: TritonError | None = None) -> None:
        self.outputs = {tensor.name: tensor.as_numpy() for tensor in tensors or ()}
        self.error = error


class Request:
    """One with texts, each a batch of one."""

    def __init__(self, *, is_cancelled: bool = False, nonce: int | None = None, **texts: str) -> None:
        self.tensors = {name: Tensor(name, np.array([[said.encode()]], np.object_)) for name, said in texts.items()}
        if nonce is not None:
            self.tensors["NONCE"] = Tensor("NONCE", np.array([[nonce]], np.uint64))
        self.is_cancelled = lambda: is_cancelled


def triton_utils() -> ModuleType:
    """The module that a model imports."""
    module = ModuleType("triton_python_backend_utils")
    vars(module).update(
        Tensor=Tensor,
        TritonError=TritonError,
        InferenceResponse=Response,
        get_input_tensor_by_name=lambda request, name: request.tensors.get(name),
    )
    return module
