"""Whisper behind the tensors of a window recognizer (see the model repository's README)."""

import json
from typing import Any

import numpy as np
from ct2_whisper import load_whisper
from whisper_window import Heard, Window

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import Outputs, answer_batch, array, number, text


class TritonPythonModel:
    """One Whisper for all sessions."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        self.whisper = load_whisper(place)
        largest = json.loads(args["model_config"])["max_batch_size"]
        # Only a GPU chooses its kernels by the size of a batch.
        self.whisper.warm_up(range(1, largest + 1) if place.device == "cuda" else [1])

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self.whisper.hear, _write)

    def finalize(self) -> None:
        del self.whisper  # before the interpreter ends: the engine may abort when it is taken down with it

    def _read(self, request: Any) -> Window:
        return Window.of(
            array(request, "AUDIO"),
            int(number(request, "LENGTH", 0)),
            text(request, "LANGUAGE"),
            self.whisper.options.languages,
            prompt=text(request, "PROMPT"),
            phrases=tuple(text(request, "PHRASES").splitlines()),
        )


def _write(heard: Heard) -> Outputs:
    return {
        "WORDS": [word.text for word in heard.words],
        "WORD_START_SAMPLES": np.array([word.start_sample for word in heard.words], np.int32),
        "WORD_END_SAMPLES": np.array([word.end_sample for word in heard.words], np.int32),
        "WORD_CONFIDENCE": np.array([word.confidence for word in heard.words], np.float32),
        "NO_SPEECH_PROBABILITY": np.array([heard.no_speech_probability], np.float32),
        "MEAN_LOG_PROBABILITY": np.array([heard.mean_log_probability], np.float32),
        "COMPRESSION_RATIO": np.array([heard.compression_ratio], np.float32),
        "LANGUAGE": [heard.language],
        "LANGUAGE_PROBABILITY": np.array([heard.language_probability], np.float32),
    }
