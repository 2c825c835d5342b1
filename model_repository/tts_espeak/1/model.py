"""eSpeak NG behind the tensors of a synthesizer (see the model repository's README)."""

from typing import Any

import numpy as np
from espeak_library import Espeak
from espeak_voices import choose_voice

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.placement import placement
from livetranslate.engine.requests import number, text
from livetranslate.engine.sound import pace
from livetranslate.engine.speech import Speech

CHUNK_MS = 200  # small enough to start soon and to stop soon, large enough that messages cost little
WORDS_PER_MINUTE = 175  # eSpeak NG's own pace


class TritonPythonModel:
    """One library, one text at a time."""

    def initialize(self, args: dict[str, str]) -> None:
        parameters = placement(args).parameters
        voices, languages = (parameters[key].split() for key in ("voices", "languages"))
        self.languages = dict(zip(voices, languages, strict=True))
        self.espeak = Espeak(CHUNK_MS)

    def execute(self, requests: list[Any]) -> None:
        for request in requests:
            self._speak(request, Speech(request))

    def _speak(self, request: Any, speech: Speech) -> None:
        def emit(chunk: bytes) -> bool:
            if speech.is_cancelled():
                return False
            speech.send(np.frombuffer(chunk, "<i2"))
            return True

        try:
            self._choose(request)
            self.espeak.speak(text(request, "TEXT"), emit)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is the answer
            speech.end(error)
        else:
            speech.end()

    def _choose(self, request: Any) -> None:
        """Sets the voice and the pace that the request asks for."""
        language, wanted = text(request, "LANGUAGE"), text(request, "VOICE")
        voice = choose_voice(language, wanted, self.languages)
        if voice is None:
            raise RefusedError(f"no voice {wanted!r} for language {language!r}")
        self.espeak.set_voice(voice)
        self.espeak.set_rate(round(WORDS_PER_MINUTE * pace(number(request, "SPEAKING_RATE", 1.0))))
