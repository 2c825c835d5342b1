"""CTranslate2 behind the tensors of a translator (see the model repository's README)."""

from typing import Any

import ctranslate2
import numpy as np
from ct2_layouts import Tokenizer
from ct2_options import Options, compute_type, language_codes
from ct2_translator import Text, Translation, Translator

from livetranslate.engine.placement import Placement, placement
from livetranslate.engine.requests import Outputs, answer_batch, text

WARM_UP_BATCHES = (1, 8, 32)  # a few up to `max_batch_size`


class TritonPythonModel:
    """One model for all sessions, and for all its pairs."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        parameters = place.parameters
        codes = language_codes(parameters["language_codes"])
        tokenizer = Tokenizer(place.weights, parameters["tokenization"], codes)
        self.translator = Translator(_load(place), tokenizer, Options.read(parameters))
        self.translator.warm_up(WARM_UP_BATCHES)

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self.translator.translate, _write)

    def finalize(self) -> None:
        del self.translator  # before the interpreter ends: the engine may abort when it is taken down with it

    def _read(self, request: Any) -> Text:
        source, target = text(request, "SOURCE_LANGUAGE"), text(request, "TARGET_LANGUAGE")
        return self.translator.read(text(request, "TEXT"), source, target, text(request, "PREFIX"))


def _load(place: Placement) -> Any:
    wanted = place.parameters["compute_type_gpu" if place.device == "cuda" else "compute_type_cpu"]
    supported = ctranslate2.get_supported_compute_types(place.device, place.device_index)
    return ctranslate2.Translator(
        str(place.weights),
        device=place.device,
        device_index=place.device_index,
        compute_type=compute_type(wanted, supported),
        intra_threads=place.threads,
    )


def _write(translation: Translation) -> Outputs:
    return {"TRANSLATION": [translation.text], "SCORE": np.array([translation.score], np.float32)}
