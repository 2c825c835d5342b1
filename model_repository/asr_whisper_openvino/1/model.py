"""Whisper on OpenVINO behind the tensors of a window recognizer (see the model repository's README)."""

import json
import os
from typing import Any

import numpy as np
from ov_devices import ENVIRONMENT
from ov_transcript import Transcript
from ov_whisper import Whisper
from ov_window import Options, Window

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import Outputs, answer_batch, array, number, text


class TritonPythonModel:
    """One Whisper, which hears a batch of windows at a time."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        options = Options.read(place.parameters, os.environ.get(ENVIRONMENT, ""))
        self._whisper = Whisper(place.weights, options, place.threads)
        self._whisper.warm_up((1, json.loads(args["model_config"])["max_batch_size"]))

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self._whisper.transcribe, _outputs)

    def _read(self, request: Any) -> Window:
        length, language = int(number(request, "LENGTH", 0)), text(request, "LANGUAGE")
        phrases = tuple(line for line in text(request, "PHRASES").splitlines() if line.strip())
        hints = {"prompt": text(request, "PROMPT"), "phrases": phrases}
        return Window.of(array(request, "AUDIO"), length, language, self._whisper.options, **hints)


def _outputs(said: Transcript) -> Outputs:
    return {
        "WORDS": [word.text for word in said.words],
        "WORD_START_SAMPLES": np.array([word.start_sample for word in said.words], np.int32),
        "WORD_END_SAMPLES": np.array([word.end_sample for word in said.words], np.int32),
        "WORD_CONFIDENCE": np.array([word.confidence for word in said.words], np.float32),
        "NO_SPEECH_PROBABILITY": np.array([said.no_speech_probability], np.float32),
        "MEAN_LOG_PROBABILITY": np.array([said.mean_log_probability], np.float32),
        "COMPRESSION_RATIO": np.array([said.compression_ratio], np.float32),
        "LANGUAGE": [said.language],
        "LANGUAGE_PROBABILITY": np.array([said.language_probability], np.float32),
    }
