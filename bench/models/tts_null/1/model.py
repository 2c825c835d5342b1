"""A voice that costs nothing: a tenth of a second of zeros for each text."""

from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

AUDIO = np.zeros((1, 2_205), np.int16)


class TritonPythonModel:
    """Answers each text with one chunk, which is also the last."""

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            outputs = [
                pb_utils.Tensor("AUDIO", AUDIO),
                pb_utils.Tensor("FINAL", np.array([[True]])),
                _nonce(request),
            ]
            request.get_response_sender().send(
                pb_utils.InferenceResponse(outputs), flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL
            )


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy())
