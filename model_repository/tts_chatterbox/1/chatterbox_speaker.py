"""Speech that imitates somebody, sentence by sentence.

Chatterbox Multilingual (Resemble AI, MIT): a decoder turns text into speech tokens in the manner of a voice; another
network turns those into sound in that voice. The files are those of its ONNX export for ONNX Runtime.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from chatterbox_graph import Graph
from chatterbox_sound import hurry, to_samples
from chatterbox_text import prepared, sentences
from chatterbox_tokens import CancelledError, Limits, TokenDecoder
from chatterbox_voice import REFERENCE_HERTZ, SAMPLE_RATE_HERTZ, ImitatedVoice, Voices

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.placement import Placement
from livetranslate.engine.sound import pace, parts, trim

MARGIN = SAMPLE_RATE_HERTZ // 50  # kept of the silence around a sentence
PART = SAMPLE_RATE_HERTZ // 2  # half a second a message
SPEAKER = "speaker"
WARM_UP_SECONDS, WARM_UP_TEXT = 5, "a"


class Chatterbox:
    """All of the model's graphs."""

    def __init__(self, placement: Placement) -> None:
        """Load them from the folder of the weights."""
        parameters = placement.parameters
        self._languages = parameters["languages"].split()
        limits = Limits(
            float(parameters["exaggeration"]), float(parameters["repetition_penalty"]), int(parameters["max_tokens"])
        )
        self._voices = Voices(placement)
        self._tokens = TokenDecoder(placement, limits)
        self._sound = Graph(placement.weights / "onnx" / "conditional_decoder.onnx", placement)

    def warm_up(self) -> None:
        """Speak once: the first run allocates; and what is wrong shows now."""
        noise = np.random.default_rng(1).normal(0, 1000, WARM_UP_SECONDS * REFERENCE_HERTZ).astype(np.int16)
        list(self.speak(WARM_UP_TEXT, self._languages[0], self.voice(SPEAKER, noise), 1.0, lambda: False))

    def voice(self, name: str, reference: Any) -> ImitatedVoice:
        """The voice that is heard in a reference, INT16 samples at 16 kHz; None where none was given.

        Raises:
            RefusedError: There is no such voice, or nothing to imitate.
        """
        if name not in ("", SPEAKER):
            raise RefusedError(f"no voice {name!r}; there is {SPEAKER!r}")
        if reference is None:
            raise RefusedError("REFERENCE is missing: some seconds of the voice to imitate, 16 kHz mono")
        return self._voices.of(reference)

    def speak(
        self, text: str, language: str, voice: ImitatedVoice, rate: float, is_cancelled: Callable[[], bool]
    ) -> Iterator[Any]:
        """The speech of a text, INT16 samples at 24 kHz, as each sentence is done; it ends early where it is cancelled.

        Raises:
            RefusedError: The language is not spoken.
        """
        spoken = language.partition("-")[0].lower()
        if spoken not in self._languages:
            raise RefusedError(f"no voice for language {language!r}; there are: {' '.join(self._languages)}")
        for sentence in sentences(text, spoken):
            try:
                tokens = self._tokens.decode(prepared(sentence, spoken), voice.condition, is_cancelled)
            except CancelledError:
                return
            for samples in parts(to_samples(hurry(trim(self._heard(tokens, voice), MARGIN), pace(rate))), PART):
                if is_cancelled():
                    return
                yield samples

    def _heard(self, tokens: list[int], voice: ImitatedVoice) -> Any:
        """The sound of speech tokens. They are said behind the reference, which is left out."""
        if not tokens:
            return np.zeros(0, np.float32)
        outputs = self._sound.run(
            speech_tokens=np.concatenate([voice.prompt, [tokens]], axis=1),
            speaker_embeddings=voice.embeddings,
            speaker_features=voice.features,
        )
        return outputs["waveform"].numpy().ravel()
