"""What a voice is like, from some seconds of it. It is in memory alone, and only for the last few voices."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from chatterbox_graph import Graph

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.placement import Placement

REFERENCE_HERTZ, SAMPLE_RATE_HERTZ = 16_000, 24_000
LEAST_SECONDS, MOST_SECONDS = 1, 30
VOICES_KEPT = 8  # sessions that speak at the same time; a voice takes 0.3 MB
FULL_SCALE = 32_768


@dataclass(frozen=True, slots=True)
class ImitatedVoice:
    """A voice as the graphs know it.

    Attributes:
        condition: For the token decoder: FP32 [1, n, hidden].
        prompt: The reference in speech tokens: INT64 [1, n].
        embeddings: For the sound: FP32 [1, 192].
        features: The reference as a spectrogram: FP32 [1, n, 80].
    """

    condition: Any
    prompt: Any
    embeddings: Any
    features: Any


class Voices:
    """The graph `speech_encoder`, and what it has made of the last few references."""

    def __init__(self, placement: Placement) -> None:
        self._encode = Graph(placement.weights / "onnx" / "speech_encoder.onnx", placement)
        self._known: OrderedDict[bytes, ImitatedVoice] = OrderedDict()

    def of(self, reference: Any) -> ImitatedVoice:
        """The voice that is heard in INT16 samples of 16 kHz.

        Raises:
            RefusedError: There are too few of them, or too many.
        """
        if not LEAST_SECONDS <= reference.size / REFERENCE_HERTZ <= MOST_SECONDS:
            raise RefusedError(f"REFERENCE has to be {LEAST_SECONDS} to {MOST_SECONDS} s of speech, better 5 or more")
        key = hashlib.sha256(reference.tobytes()).digest()
        voice = self._known.pop(key, None) or self._encoded(reference)
        self._known[key] = voice
        while len(self._known) > VOICES_KEPT:
            self._known.popitem(last=False)
        return voice

    def _encoded(self, reference: Any) -> ImitatedVoice:
        sound = reference.astype(np.float32) / FULL_SCALE
        resampled = soxr.resample(sound, REFERENCE_HERTZ, SAMPLE_RATE_HERTZ)
        # Of its outputs the order is known: audio_features, audio_tokens, speaker_embeddings, speaker_features.
        return ImitatedVoice(*(value.numpy() for value in self._encode.run(audio_values=resampled[None]).values()))
