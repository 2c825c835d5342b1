"""Apertium behind the tensors of a translator (see the model repository's README)."""

from pathlib import Path
from typing import Any

from apertium_pairs import Asked, Pairs

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import answer_batch, text

MODES = Path("/usr/share/apertium/modes")
STARTED_AT_LOAD = 1  # 120 MB and half a second of start; further pairs start when they are first used


class TritonPythonModel:
    """A pipeline for each language pair, shared by all sessions."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = placement(args).parameters
        pairs, modes = (parameters[key].split() for key in ("language_pairs", "modes"))
        self.pairs = Pairs({pair: MODES / f"{mode}.mode" for pair, mode in zip(pairs, modes, strict=True)})
        self.pairs.start(STARTED_AT_LOAD)

    def execute(self, requests: list[Any]) -> list[Any]:
        return answer_batch(requests, self._read, self.pairs.translate, lambda said: {"TRANSLATION": [said]})

    def finalize(self) -> None:
        self.pairs.stop()

    def _read(self, request: Any) -> Asked:
        return self.pairs.read(*(text(request, name) for name in ("TEXT", "SOURCE_LANGUAGE", "TARGET_LANGUAGE")))
