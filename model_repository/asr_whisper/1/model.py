"""Whisper behind the tensors of a window recognizer (see the model repository's README)."""

import json
from typing import Any

from ct2_whisper import load_whisper
from whisper_window import Window

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import answer_batch, array, number, text
from livetranslate.engine.transcript import transcript_outputs


class TritonPythonModel:
    """One Whisper for all sessions."""

    def initialize(self, args: dict[str, str]) -> None:
        place = placement(args)
        self.whisper = load_whisper(place)
        largest = json.loads(args["model_config"])["max_batch_size"]
        # Only a GPU chooses its kernels by the size of a batch.
        self.whisper.warm_up(range(1, largest + 1) if place.device == "cuda" else [1])

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self.whisper.hear, transcript_outputs)

    def finalize(self) -> None:
        del self.whisper  # before the interpreter ends: the engine may abort when it is taken down with it

    def _read(self, request: Any) -> Window:
        return Window.of(
            array(request, "AUDIO"),
            int(number(request, "LENGTH", 0)),
            text(request, "LANGUAGE"),
            self.whisper.options.languages,
            prompt=text(request, "PROMPT"),
            phrases=tuple(line for line in text(request, "PHRASES").splitlines() if line.strip()),
        )
