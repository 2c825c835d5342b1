"""Voices: a sentence, spoken by the network alone and through Triton; so many at a time instead of in a batch."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime

from bench.engines.bare import cores
from bench.engines.subject import Subject
from bench.weights.voice import save_random_voice
from livetranslate.tensors import Value

SENTENCE = "Good morning everybody, and welcome to the weekly meeting of the project."
PHONEMES = (  # as eSpeak NG has it
    "ɡˌʊd mˈɔːɹnɪŋ ˈɛvɹɪbˌɑːdi, ænd wˈɛlkʌm tə ðə wˈiːkli mˈiːɾɪŋ ʌvðə pɹˈɑːdʒɛkt."  # noqa: RUF001 - the letters of the IPA
)
AUDIO_SECONDS = 5.46  # that the random voice makes of it


class BareVoice:
    """ONNX Runtime, given the phonemes; threads speak at the same time and share the cores."""

    def __init__(self, folder: Path) -> None:
        """Load the voice."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = cores()
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        path = folder / f"{folder.name}.onnx"
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        config = json.loads(path.with_suffix(".onnx.json").read_text(encoding="utf-8"))
        table = config["phoneme_id_map"]
        ids = [identity for symbol in PHONEMES for identity in (*table.get(symbol, ()), *table["_"])]
        self._ids = [*table["^"], *table["_"], *ids, *table["$"]]
        self._scales = [config["inference"][name] for name in ("noise_scale", "length_scale", "noise_w")]
        self._threads = ThreadPoolExecutor(cores())

    def run(self, count: int) -> None:
        """Speak so many sentences."""
        list(self._threads.map(self._speak, range(count)))

    def _speak(self, _: int) -> None:
        inputs = {
            "input": np.array([self._ids], np.int64),
            "input_lengths": np.array([len(self._ids)], np.int64),
            "scales": np.array(self._scales, np.float32),
        }
        (sound,) = self._session.run(["output"], inputs)
        (np.clip(sound, -1, 1) * 32_767).astype(np.int16)


def request() -> Mapping[str, Value]:
    """The sentence."""
    return {"TEXT": [SENTENCE], "LANGUAGE": ["en-US"], "SPEAKING_RATE": np.array([1.0], np.float32)}


def voice(quality: str) -> Subject:
    """A voice of one quality."""
    return Subject(
        name=f"piper-{quality}",
        engine="tts_piper",
        profile="cpu",
        save=partial(save_random_voice, quality=quality),
        bare=BareVoice,
        request=request,
        batch_sizes=(1, 2, 4, 8, 16, 32),
        audio_seconds=AUDIO_SECONDS,
        is_stream=True,
    )
