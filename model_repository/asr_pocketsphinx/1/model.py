"""PocketSphinx behind the tensors of a sequence recognizer (see the model repository's README)."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from sphinx_pool import DecoderPool, UnknownSequenceError
from sphinx_utterance import StateError, Word, load_decoder


class TritonPythonModel:
    """A pool of as many decoders as Triton runs sequences in one process."""

    def initialize(self, args: dict[str, str]) -> None:
        config = json.loads(args["model_config"])
        count = int(config["sequence_batching"]["oldest"]["max_candidate_sequences"])
        self.pool = DecoderPool([load_decoder() for _ in range(count)])

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        sequence = request.correlation_id()
        try:
            if _flag(request, "START"):
                self.pool.start(sequence, _state(request))
            words, state = self.pool.hear(sequence, _array(request, "AUDIO").tobytes()), b""
            if _flag(request, "END"):
                words, state = self.pool.end(sequence)
        except UnknownSequenceError:
            return _refusal("the sequence was given up while it was silent; it must specify the START flag again")
        except StateError as error:
            return _refusal(str(error))
        return _response(request, words, state)


def _array(request: Any, name: str) -> Any:
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()


def _flag(request: Any, name: str) -> bool:
    return bool(_array(request, name).item())


def _state(request: Any) -> bytes:
    tensor = pb_utils.get_input_tensor_by_name(request, "STATE")
    return tensor.as_numpy().item() if tensor is not None else b""


def _response(request: Any, words: Sequence[Word], state: bytes) -> Any:
    outputs = {
        "WORDS": np.array([word.text.encode() for word in words], np.object_),
        "WORD_START_SAMPLES": np.array([word.start_sample for word in words], np.int32),
        "WORD_END_SAMPLES": np.array([word.end_sample for word in words], np.int32),
        "WORD_CONFIDENCE": np.array([word.confidence for word in words], np.float32),
        "STATE": np.array([state], np.object_),
    }
    tensors = [pb_utils.Tensor(name, value[None]) for name, value in outputs.items()]
    return pb_utils.InferenceResponse([*tensors, _nonce(request)])


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy())


def _refusal(message: str) -> Any:
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(message, pb_utils.TritonError.INVALID_ARG))
