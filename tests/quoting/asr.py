"""A recognizer that says a known word for each half second of audio, and is lost after three seconds."""

from typing import Any

import numpy as np

from livetranslate.engine.requests import array, number, respond

SPOKEN = "zqspoken"
WORD_SAMPLES = 8_000
MAX_WORDS = 6


class TritonPythonModel:
    """Counts the samples of each sequence."""

    def initialize(self, _args: dict[str, str]) -> None:
        self.samples: dict[int, int] = {}

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self._answer(request) for request in requests]

    def _answer(self, request: Any) -> Any:
        sequence = request.correlation_id()
        if number(request, "START", 0):
            self.samples[sequence] = 0
        self.samples[sequence] += array(request, "AUDIO").size
        ended = bool(number(request, "END", 0))
        words = self.samples[sequence] // WORD_SAMPLES
        if ended:
            del self.samples[sequence]
        if words > MAX_WORDS:
            return respond(request, RuntimeError("lost after " + f"{SPOKEN} " * words), dict)
        starts = np.arange(words, dtype=np.int32) * WORD_SAMPLES
        outputs = {
            "WORDS": np.full(words, SPOKEN.encode(), np.object_),
            "WORD_START_SAMPLES": starts,
            "WORD_END_SAMPLES": starts + np.int32(WORD_SAMPLES),
            "WORD_CONFIDENCE": np.ones(words, np.float32),
            "STATE": np.array([SPOKEN.encode()], np.object_),  # what it remembers is no less secret
        }
        return respond(request, outputs, dict)
