"""Whisper by itself: a window of ten seconds, of which each engine writes forty tokens."""

from functools import cache
from pathlib import Path

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import Tokenizer

from bench.engines.bare import cores
from livetranslate.samples import SAMPLE_RATE_HERTZ

WINDOW_SECONDS = 10
TOKENS = 40  # what `save_random_whisper` allows in such a window: nobody speaks faster
FRAMES = 3_000
TASK = ("<|startoftranscript|>", "<|en|>", "<|transcribe|>")


class BareWhisper:
    """CTranslate2 and faster-whisper's features: encode, write, and find the words' times."""

    def __init__(self, folder: Path, device: str = "cpu", compute_type: str = "int8") -> None:
        """Load the weights, by default with the numbers that the model has on processors."""
        self._network = ctranslate2.models.Whisper(
            str(folder), device=device, compute_type=compute_type, intra_threads=cores()
        )
        self._features = FeatureExtractor(feature_size=self._network.n_mels)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._task = [tokenizer.token_to_id(token) for token in TASK]
        self._prefix = [*self._task, tokenizer.token_to_id("<|notimestamps|>")]

    def run(self, count: int) -> None:
        """Hear so many windows."""
        heard = [self._features(audio(number).astype(np.float32) / 32_768)[:, :FRAMES] for number in range(count)]
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


@cache  # on a GPU, making noise would take longer than hearing it
def audio(number: int) -> npt.NDArray[np.int16]:
    """Noise, of each number another: random weights do not mind."""
    return np.random.default_rng(number).integers(-8_000, 8_000, WINDOW_SECONDS * SAMPLE_RATE_HERTZ, np.int16)
