"""Triton's requests and responses as plain values. It can only be imported inside Triton's Python backend."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import triton_python_backend_utils as pb_utils

from livetranslate.engine.batch import AWAY, AwayError, RefusedError, Run, run_batch

Item = TypeVar("Item")
Result = TypeVar("Result")

Outputs = Mapping[str, Any]
"""Tensors by name, without the batch dimension: arrays, or lists of text."""


def answer_batch(
    requests: Sequence[Any],
    read: Callable[[Any], Item],
    run: Run[Item, Result],
    write: Callable[[Result], Outputs],
) -> list[Any]:
    """The responses to a batch of requests, in their order.

    Args:
        requests: As `execute` gets them. Those that were cancelled meanwhile are left out of the batch.
        read: Takes one request apart; raises `RefusedError` where it makes no sense.
        run: Answers all of them together (see `livetranslate.engine.batch`).
        write: The output tensors of a result.
    """
    results: list[Any] = [_read(request, read) for request in requests]
    good = [position for position, item in enumerate(results) if not isinstance(item, Exception)]
    answers = run_batch([results[position] for position in good], run)
    for position, answer in zip(good, answers, strict=True):
        results[position] = answer
    return [respond(request, result, write) for request, result in zip(requests, results, strict=True)]


def respond(request: Any, result: Any, write: Callable[[Any], Outputs]) -> Any:
    """The response for a result, or for what is wrong with the request; it repeats the request's `NONCE`."""
    if isinstance(result, Exception):
        return failed(result)
    tensors = [pb_utils.Tensor(name, _tensor(value)) for name, value in write(result).items()]
    return pb_utils.InferenceResponse([*tensors, _nonce(request)])


def failed(error: Exception) -> Any:
    """The response that carries an error."""
    codes = pb_utils.TritonError
    message = f"{error}" or type(error).__name__
    code = codes.INVALID_ARG if isinstance(error, RefusedError) else codes.INTERNAL
    if isinstance(error, AwayError):
        message, code = f"{AWAY}{message}", codes.UNAVAILABLE
    if isinstance(error, _CancelledError):
        code = codes.CANCELLED
    return pb_utils.InferenceResponse(error=codes(message, code))


def text(request: Any, name: str, default: str = "") -> str:
    """A text of one request; `default` where it is not given."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    return default if tensor is None else str(_only(tensor.as_numpy(), name).decode("utf-8", errors="replace"))


def array(request: Any, name: str) -> Any:
    """A tensor of one request, flat; None where it is not given."""
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    return None if tensor is None else tensor.as_numpy().ravel()


def number(request: Any, name: str, default: float) -> float:
    """A number of one request; `default` where it is not given."""
    value = array(request, name)
    return default if value is None else float(_only(value, name))


class _CancelledError(Exception):
    """Nobody waits for the answer any more."""


def _read(request: Any, read: Callable[[Any], Item]) -> Item | Exception:
    if request.is_cancelled():
        return _CancelledError("the request was cancelled")
    try:
        return read(request)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one request is no matter of the others
        return error


def _only(values: Any, name: str) -> Any:
    if values.size != 1:
        raise RefusedError(f"{name} has {values.size} values: send a request for each")
    return values.item()


def _tensor(value: Any) -> Any:
    """A tensor with its batch dimension."""
    if isinstance(value, np.ndarray):
        return value[None]
    # Lone surrogates are no text, and some engines write them; an error here would cost the whole batch.
    return np.array([[part.encode(errors="replace") for part in value]], np.object_)


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    tensor = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if tensor is None else tensor.as_numpy())
