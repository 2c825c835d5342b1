"""Between numpy arrays and Triton's tensors on the wire."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from tritonclient.grpc import service_pb2

from livetranslate.errors import InternalError

Array = npt.NDArray[np.generic]
Value = Array | Sequence[str | bytes]
"""A tensor: an array, or strings for Triton's `BYTES`; without the batch dimension, which is added and removed here."""

_TYPE_OF_KIND: dict[np.dtype[Any], str] = {
    np.dtype(np.int16): "INT16",
    np.dtype(np.int32): "INT32",
    np.dtype(np.uint64): "UINT64",
    np.dtype(np.float32): "FP32",
    np.dtype(np.bool_): "BOOL",
}
_KIND_OF_TYPE = {name: kind for kind, name in _TYPE_OF_KIND.items()}


def add_input(request: "service_pb2.ModelInferRequest", name: str, value: Value) -> None:
    """Append an input, as a batch of one."""
    if isinstance(value, np.ndarray):
        datatype, raw, length = _TYPE_OF_KIND[value.dtype], value.tobytes(), value.size
    else:
        datatype, raw, length = "BYTES", b"".join(map(_packed, value)), len(value)
    request.inputs.add(name=name, datatype=datatype, shape=[1, length])
    request.raw_input_contents.append(raw)


def read_outputs(response: "service_pb2.ModelInferResponse") -> Mapping[str, Array | list[bytes]]:
    """All outputs by name, flat: arrays, or lists of bytes for `BYTES`."""
    outputs: dict[str, Array | list[bytes]] = {}
    for output, raw in zip(response.outputs, response.raw_output_contents, strict=True):
        if output.datatype == "BYTES":
            outputs[output.name] = _unpacked(raw)
        else:
            outputs[output.name] = np.frombuffer(raw, _KIND_OF_TYPE[output.datatype])
    return outputs


def read_text(value: Any) -> str:
    """What a model wrote, whatever it is: text that can be sent and stored, which takes UTF-8 and no NUL."""
    return bytes(value).decode(errors="replace").replace("\0", "")


@contextmanager
def reading_answer(model: str) -> Iterator[None]:
    """Look for what a model has to answer: one that lacks it spoils what was asked, and nothing else.

    Raises:
        InternalError: An output, or a value in one, is missing.
    """
    try:
        yield
    except (LookupError, ValueError) as error:
        message = f"The answer of {model!r} lacks something that model_repository/README.md asks of such a model."
        raise InternalError("MODEL_ANSWER_INVALID", message) from error


def _packed(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<I", len(raw)) + raw


def _unpacked(raw: bytes) -> list[bytes]:
    values, position = [], 0
    while position < len(raw):
        (length,) = struct.unpack_from("<I", raw, position)
        position += 4
        values.append(raw[position : position + length])
        position += length
    return values
