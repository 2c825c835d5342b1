"""eSpeak NG behind the tensors of a synthesizer (see the model repository's README)."""

import json
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from espeak_library import Espeak, EspeakError
from espeak_voices import choose_voice

CHUNK_MS = 200  # small enough to start soon and to stop soon, large enough that messages cost little
WORDS_PER_MINUTE = 175  # eSpeak NG's own pace
SLOWEST, FASTEST = 0.5, 2.0
NO_AUDIO = b""


class TritonPythonModel:
    """One library, one text at a time."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = json.loads(args["model_config"])["parameters"]
        voices, languages = (parameters[key]["string_value"].split() for key in ("voices", "languages"))
        self.languages = dict(zip(voices, languages, strict=True))
        self.espeak = Espeak(CHUNK_MS)

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            self._speak(request)

    def _speak(self, request: Any) -> None:
        sender = request.get_response_sender()

        def emit(chunk: bytes) -> bool:
            if request.is_cancelled():
                return False
            sender.send(_response(request, chunk, final=False))
            return True

        try:
            self._choose(request)
            self.espeak.speak(_text(request, "TEXT"), emit)
            last = _response(request, NO_AUDIO, final=True)
        except EspeakError as error:
            last = pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error), pb_utils.TritonError.INVALID_ARG))
        sender.send(last, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _choose(self, request: Any) -> None:
        """Sets the voice and the pace that the request asks for."""
        language, wanted = _text(request, "LANGUAGE"), _text(request, "VOICE")
        voice = choose_voice(language, wanted, self.languages)
        if voice is None:
            raise EspeakError(f"no voice {wanted!r} for language {language!r}")
        self.espeak.set_voice(voice)
        rate = pb_utils.get_input_tensor_by_name(request, "SPEAKING_RATE")
        factor = float(rate.as_numpy().item()) if rate is not None else 1.0
        self.espeak.set_rate(round(WORDS_PER_MINUTE * min(max(factor, SLOWEST), FASTEST)))


def _text(request: Any, name: str) -> str:
    tensor = pb_utils.get_input_tensor_by_name(request, name)
    return tensor.as_numpy().item().decode("utf-8", errors="replace") if tensor is not None else ""


def _response(request: Any, chunk: bytes, *, final: bool) -> Any:
    audio = pb_utils.Tensor("AUDIO", np.frombuffer(chunk, dtype="<i2")[None])
    return pb_utils.InferenceResponse([audio, pb_utils.Tensor("FINAL", np.array([[final]])), _nonce(request)])


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy())
