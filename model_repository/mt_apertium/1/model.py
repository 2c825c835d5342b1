"""Apertium behind the tensors of a translator (see the model repository's README)."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from apertium_translator import Translator

MODES = Path("/usr/share/apertium/modes")
STARTED_AT_LOAD = 1  # 120 MB and half a second of start; further pairs start when they are first used


class TritonPythonModel:
    """A pipeline for each language pair, shared by all sessions."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = json.loads(args["model_config"])["parameters"]
        pairs, modes = (parameters[key]["string_value"].split() for key in ("language_pairs", "modes"))
        self.translators = {pair: Translator(MODES / f"{mode}.mode") for pair, mode in zip(pairs, modes, strict=True)}
        for translator in list(self.translators.values())[:STARTED_AT_LOAD]:
            translator.start()

    def execute(self, requests: list[Any]) -> list[Any]:
        answers: list[Any] = [None] * len(requests)
        for pair, positions in _by_pair(requests).items():
            texts = [_text(requests[position], "TEXT") for position in positions]
            asked = [requests[position] for position in positions]
            for position, answer in zip(positions, self._translate(pair, asked, texts), strict=True):
                answers[position] = answer
        return answers

    def finalize(self) -> None:
        for translator in self.translators.values():
            translator.stop()

    def _translate(self, pair: str, requests: list[Any], texts: list[str]) -> list[Any]:
        translator = self.translators.get(pair)
        if translator is None:
            error = _error(f"no pair {pair}; there are: {' '.join(self.translators)}", pb_utils.TritonError.INVALID_ARG)
            return [error] * len(texts)
        try:
            translations = translator.translate(texts)
            return [_answer(request, translation) for request, translation in zip(requests, translations, strict=True)]
        except OSError as reason:  # the package was removed, or there is no memory for another process
            return [_error(f"Apertium cannot be run: {reason}", pb_utils.TritonError.UNAVAILABLE)] * len(texts)


def _by_pair(requests: list[Any]) -> dict[str, list[int]]:
    """Which requests go through the same pipeline, by position."""
    positions = defaultdict(list)
    for position, request in enumerate(requests):
        pair = f"{_text(request, 'SOURCE_LANGUAGE')}-{_text(request, 'TARGET_LANGUAGE')}"
        positions[pair].append(position)
    return positions


def _text(request: Any, name: str) -> str:
    value: bytes = pb_utils.get_input_tensor_by_name(request, name).as_numpy().item()
    return value.decode("utf-8", errors="replace")


def _answer(request: Any, translation: str | None) -> Any:
    if translation is None:
        return _error("Apertium does not answer on this text", pb_utils.TritonError.INTERNAL)
    tensor = np.array([[translation.encode()]], dtype=np.object_)
    return pb_utils.InferenceResponse([pb_utils.Tensor("TRANSLATION", tensor), _nonce(request)])


def _nonce(request: Any) -> Any:
    """What the caller knows the answer by."""
    nonce = pb_utils.get_input_tensor_by_name(request, "NONCE")
    return pb_utils.Tensor("NONCE", np.zeros((1, 1), np.uint64) if nonce is None else nonce.as_numpy())


def _error(message: str, code: Any) -> Any:
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(message, code))
