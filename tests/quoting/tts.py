"""A voice that costs nothing; in Catalan it fails."""

from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils

from livetranslate.engine.requests import respond, text

OUTPUTS = {"AUDIO": np.zeros(2_205, np.int16), "FINAL": np.array([True])}


class TritonPythonModel:
    """Answers each text with one chunk, which is also the last."""

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            result: Any = OUTPUTS
            if text(request, "LANGUAGE") == "ca":
                result = RuntimeError(f"it is hard to say {text(request, 'TEXT')}")
            request.get_response_sender().send(
                respond(request, result, dict), flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL
            )
