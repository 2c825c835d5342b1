"""Whisper on OpenVINO behind the tensors of a window recognizer (see the model repository's README)."""

import json
import os
from typing import Any

from ov_devices import ENVIRONMENT
from ov_whisper import Whisper
from ov_window import Options, Window

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import answer_batch, array, number, text
from livetranslate.engine.transcript import transcript_outputs


class TritonPythonModel:
    """One Whisper, which hears a batch of windows at a time."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        options = Options.read(place.parameters, os.environ.get(ENVIRONMENT, ""))
        self._whisper = Whisper(place.weights, options, place.threads)
        self._whisper.warm_up((1, json.loads(args["model_config"])["max_batch_size"]))

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self._whisper.transcribe, transcript_outputs)

    def _read(self, request: Any) -> Window:
        length, language = int(number(request, "LENGTH", 0)), text(request, "LANGUAGE")
        phrases = tuple(line for line in text(request, "PHRASES").splitlines() if line.strip())
        hints = {"prompt": text(request, "PROMPT"), "phrases": phrases}
        return Window.of(array(request, "AUDIO"), length, language, self._whisper.options, **hints)
