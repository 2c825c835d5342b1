"""Whisper: a window of ten seconds, of which each engine writes forty tokens."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer

from bench.engines.bare import cores
from bench.engines.subject import Subject
from bench.weights.whisper import save_random_whisper
from livetranslate.samples import SAMPLE_RATE_HERTZ
from livetranslate.tensors import Value
from livetranslate.triton import FINAL_PRIORITY

WINDOW_SECONDS = 10
TOKENS = 40  # what `save_random_whisper` allows in such a window: nobody speaks faster
FRAMES = 3_000
TASK = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>")


class BareWhisper:
    """CTranslate2 and faster-whisper's features: encode, write, and find the words' times."""

    def __init__(self, folder: Path) -> None:
        """Load the weights with the numbers that the model has on processors."""
        self._network = ctranslate2.models.Whisper(str(folder), compute_type="int8", intra_threads=cores())
        self._features = FeatureExtractor(feature_size=self._network.n_mels)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._task = [tokenizer.token_to_id(token) for token in TASK]
        self._prefix = [*self._task, tokenizer.token_to_id("<|notimestamps|>")]

    def run(self, count: int) -> None:
        """Hear so many windows."""
        heard = [self._features(audio().astype(np.float32) / 32_768)[:, :FRAMES] for _ in range(count)]
        spectrograms = np.stack([np.pad(frames, ((0, 0), (0, FRAMES - frames.shape[1]))) for frames in heard])
        encoded = self._network.encode(ctranslate2.StorageView.from_array(spectrograms))
        results = self._network.generate(
            encoded,
            [self._prefix] * count,
            beam_size=1,
            max_length=2 * TOKENS,  # CTranslate2 writes at most half of it
            return_scores=True,
            return_no_speech_prob=True,
        )
        written = [result.sequences_ids[0] for result in results]
        if any(len(tokens) != TOKENS for tokens in written):
            raise RuntimeError(f"{TOKENS} tokens were to be written, and there are {list(map(len, written))}")
        self._network.align(encoded, self._task, written, [WINDOW_SECONDS * 100] * count)


def audio() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Noise, new each time: random weights do not mind."""
    return np.random.default_rng().integers(-8_000, 8_000, WINDOW_SECONDS * SAMPLE_RATE_HERTZ, np.int16)


def request() -> Mapping[str, Value]:
    """A window."""
    samples = audio()
    return {"AUDIO": samples, "LENGTH": np.array([samples.size], np.int32), "LANGUAGE": ["en"]}


def whisper(size: str) -> Subject:
    """Whisper of one size."""
    return Subject(
        name=f"whisper-{size}",
        engine="asr_whisper",
        profile="cpu",
        save=partial(save_random_whisper, size=size),
        bare=BareWhisper,
        request=request,
        batch_sizes=(1, 2, 4, 8, 16, 32),
        audio_seconds=WINDOW_SECONDS,
        priority=FINAL_PRIORITY,
    )
