"""Chatterbox behind the tensors of a synthesizer (see the model repository's README)."""

from typing import Any

from chatterbox_speaker import Chatterbox

from livetranslate.engine.placement import placement
from livetranslate.engine.requests import array, number, text
from livetranslate.engine.speech import Speech


class TritonPythonModel:
    """One set of graphs, one text at a time."""

    def initialize(self, args: dict[str, str]) -> None:
        self.chatterbox = Chatterbox(placement(args))
        self.chatterbox.warm_up()

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            self._answer(request, Speech(request))

    def _answer(self, request: Any, speech: Speech) -> None:
        try:
            said, language, voice = (text(request, name) for name in ("TEXT", "LANGUAGE", "VOICE"))
            imitated = self.chatterbox.voice(voice, array(request, "REFERENCE"))
            rate = number(request, "SPEAKING_RATE", 1.0)
            for samples in self.chatterbox.speak(said, language, imitated, rate, speech.is_cancelled):
                speech.send(samples)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
            speech.end(error)
        else:
            speech.end()
