"""The answers of a synthesizer to one request, as they come. It can only be imported inside Triton's Python backend."""

from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from livetranslate.engine.requests import failed


class Speech:
    """What is said in answer to a request of a decoupled model, also after `execute` is over, and from any thread.

    `end` comes last, once, whatever happens: until then Triton waits.
    """

    def __init__(self, request: Any) -> None:
        """Answer a request; of the request itself nothing is kept."""
        nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
        self._nonce = np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy().copy()
        self._sender = request.get_response_sender()

    def is_cancelled(self) -> bool:
        """Whether nobody listens any more."""
        return bool(self._sender.is_cancelled())

    def send(self, samples: Any) -> None:
        """Give out INT16 samples."""
        self._sender.send(self._response(samples, is_final=False))

    def end(self, error: Exception | None = None) -> None:
        """Say that this was all, or what went wrong."""
        last = failed(error) if error else self._response(np.zeros(0, np.int16), is_final=True)
        self._sender.send(last, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _response(self, samples: Any, *, is_final: bool) -> Any:
        tensors = {"AUDIO": samples[None], "FINAL": np.array([[is_final]]), "NONCE": self._nonce}
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, array) for name, array in tensors.items()])
