"""A Triton whose recognizer understands several languages: how loud the audio is says which one is spoken."""

from typing import Any, Final

import numpy as np

from tests.fake_triton import FakeTriton, input_of, response_of, text_of

WORD_SAMPLES: Final = 8_000
LOUDNESS: Final = {"en": 3_000, "es": 6_000, "pt": 9_000}
_SENTENCES: Final = {
    "en": ["the", "meeting", "begins", "on", "monday", "morning", "and", "ends", "before", "lunch"],
    "es": ["la", "reunión", "empieza", "el", "lunes", "por", "la", "mañana", "y", "termina"],
    "pt": ["a", "reunião", "começa", "na", "segunda", "feira", "de", "manhã", "e", "acaba"],
}
_MODEL: Final = {"task": "asr", "decoding": "window", "languages": "en es fr", "window_seconds": "5 10 20 30"}


def speech(language: str, seconds: float) -> bytes:
    """A buzz as loud as the language is."""
    samples = np.full(int(seconds * 16_000), LOUDNESS[language], np.int16)
    samples[::2] *= -1
    return samples.tobytes()


class PolyglotTriton(FakeTriton):
    """Hears a word each half second, in the language told or else in the one that is spoken, quite sure of itself."""

    def __init__(self, probability: float = 0.99) -> None:
        super().__init__({"asr_many": _MODEL})
        self.probability = probability
        self.told: list[str] = []

    async def ModelInfer(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - gRPC's signature
        length = int(np.frombuffer(input_of(request, "LENGTH"), np.int32)[0])
        samples = np.frombuffer(input_of(request, "AUDIO"), np.int16)[:length]
        loudness = int(np.abs(samples).max(initial=0))
        told = text_of(request, "LANGUAGE")
        self.told.append(told)
        language = told or next((code for code, level in LOUDNESS.items() if level >= loudness), "pt")
        first = int(np.argmax(np.abs(samples) > 1_000))
        starts = range(first, length, WORD_SAMPLES) if loudness > 1_000 else range(0)
        words = [word.encode() for word in _SENTENCES[language][: len(starts)]]
        starts = starts[: len(words)]
        return response_of(
            {
                "WORDS": words,
                "WORD_START_SAMPLES": np.array(starts, np.int32),
                "WORD_END_SAMPLES": np.array([start + WORD_SAMPLES // 2 for start in starts], np.int32),
                "WORD_CONFIDENCE": np.full(len(starts), 0.9, np.float32),
                "NO_SPEECH_PROBABILITY": np.zeros(1, np.float32),
                "MEAN_LOG_PROBABILITY": np.full(1, -0.1, np.float32),
                "COMPRESSION_RATIO": np.ones(1, np.float32),
                "LANGUAGE": [language.encode()],
                "LANGUAGE_PROBABILITY": np.array([1.0 if told else self.probability], np.float32),
            }
        )
