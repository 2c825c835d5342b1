"""Whisper by CTranslate2, many windows at a time.

Each window is answered as if it were alone. What CTranslate2 can only do for a whole batch is done for those windows
of it that agree: decoding where prefixes are equally long, word times where the language is the same. On a GPU the
encoder, which takes most of the time, sees all of them at once.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ctranslate2
import numpy as np
from tokenizers import Tokenizer
from whisper_window import MAX_SAMPLES, Options, Window, frames_of, timed_words

from livetranslate.engine.batch import in_groups
from livetranslate.engine.log_mel import SAMPLE_RATE_HERTZ, LogMel
from livetranslate.engine.placement import Placement
from livetranslate.engine.transcript import Transcript
from livetranslate.engine.whisper_text import SpecialTokens, compression_ratio, previous_tokens, split_words

POSITIONS = 448  # of the decoder
WARM_UP_SECONDS = 5
MODEL_SUPPRESSED = -1  # the tokens that the model's own configuration says are never written


@dataclass(frozen=True)
class Written:
    """The text of one window, in tokens."""

    tokens: tuple[int, ...]
    no_speech_probability: float
    mean_log_probability: float | None  # None: only known once words are timed
    language: str
    language_probability: float


class Encoded:
    """A batch as the encoder leaves it, on its device, and parts of it."""

    def __init__(self, batch: Any) -> None:
        self._batch = batch

    def rows(self, rows: Sequence[int]) -> Any:
        """Some windows in their order; copied only where they are not all."""
        if len(rows) == self._batch.shape[0]:
            return self._batch
        return _view(self._in_memory[list(rows)])

    @cached_property
    def _in_memory(self) -> Any:
        """In ordinary memory, for only there can parts be taken: from a GPU it comes once, however many parts."""
        return np.asarray(self._batch.to_device(ctranslate2.Device.cpu))


class Whisper:
    """The network and its tokenizer."""

    def __init__(self, network: Any, tokenizer: Tokenizer, options: Options) -> None:
        """Share `network` with nobody.

        Raises:
            ValueError: The tokenizer is none of Whisper's, or Whisper does not have one of the languages.
        """
        self.options = options
        self._network = network
        self._tokenizer = tokenizer
        self._special = SpecialTokens.find(tokenizer.token_to_id, tokenizer.id_to_token)
        self._log_mel = LogMel(network.n_mels)
        self._languages = {self._special.language(code): code for code in options.languages}

    def warm_up(self, batch_sizes: Iterable[int]) -> None:
        """Let the engine choose its kernels and take its memory before anybody waits."""
        noise = np.random.default_rng(0).integers(-3000, 3000, WARM_UP_SECONDS * SAMPLE_RATE_HERTZ, np.int16)
        window = Window(noise, WARM_UP_SECONDS, self.options.languages[0])
        for size in batch_sizes:
            self.hear([window] * size)

    def hear(self, windows: Sequence[Window]) -> list[Transcript]:
        """What is said in each of them."""
        return in_groups(windows, self._frames, self._hear_alike)

    def _frames(self, window: Window) -> int:
        return frames_of(MAX_SAMPLES if self.options.is_padded else int(window.seconds * SAMPLE_RATE_HERTZ))

    def _hear_alike(self, windows: Sequence[Window]) -> list[Transcript]:
        spectrograms = self._log_mel([window.samples for window in windows], self._frames(windows[0]))
        encoded = self._encode(spectrograms)
        written = self._write(windows, encoded)
        return self._time(windows, written, encoded)

    def _encode(self, spectrograms: Any) -> Encoded:
        if self._network.device == "cuda":
            return Encoded(self._network.encode(_view(spectrograms)))
        # Processors gain nothing by a batch here (1.5 s of processor a window with base), and each window takes memory:
        # of each head 1,500 positions by 1,500, 72 MB with base.
        encoded = [np.asarray(self._network.encode(_view(spectrogram[None]))) for spectrogram in spectrograms]
        return Encoded(_view(np.concatenate(encoded)))

    def _write(self, windows: Sequence[Window], encoded: Encoded) -> list[Written]:
        languages = self._tell_languages(windows, encoded)
        previous = [self._previous(window) for window in windows]

        def write(rows: Sequence[int]) -> list[Written]:
            prefixes = [[*previous[row], *self._task(languages[row][0]), self._special.no_timestamps] for row in rows]
            limits = [windows[row].max_tokens(self.options.tokens_per_second) for row in rows]
            results = self._network.generate(
                encoded.rows(rows),
                prefixes,
                beam_size=self.options.beam_size,
                max_length=_max_length(len(prefixes[0]), max(limits)),
                return_scores=True,
                return_no_speech_prob=True,
                suppress_tokens=[MODEL_SUPPRESSED],
            )
            return [
                self._written(result, limit, *languages[row])
                for row, result, limit in zip(rows, results, limits, strict=True)
            ]

        return in_groups(range(len(windows)), lambda row: len(previous[row]), write)

    def _tell_languages(self, windows: Sequence[Window], encoded: Encoded) -> list[tuple[str, float]]:
        """Each window's language, and how sure that is: named, or the likeliest of those that the model is for."""
        if not self._network.is_multilingual:
            return [(self.options.languages[0], 1.0)] * len(windows)
        unknown = [row for row, window in enumerate(windows) if not window.language]
        told = [(window.language, 1.0) for window in windows]
        if unknown:
            for row, likely in zip(unknown, self._network.detect_language(encoded.rows(unknown)), strict=True):
                known = ((self._languages.get(self._tokenizer.token_to_id(name)), sure) for name, sure in likely)
                told[row] = next((code, sure) for code, sure in known if code)
        return told

    def _previous(self, window: Window) -> list[int]:
        """What stands before the task: phrases that may be said, and what was said."""
        phrases = [self._tokens(f"{phrase},") for phrase in window.phrases]
        tokens = previous_tokens(phrases, self._tokens(window.prompt))
        return [self._special.previous, *tokens] if tokens else []

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids) if text.strip() else []

    def _task(self, language: str) -> list[int]:
        """What to do: write down what is said in this language. An English model can do nothing else."""
        if not self._network.is_multilingual:
            return [self._special.start]
        return [self._special.start, self._special.language(language), self._special.transcribe]

    def _written(self, result: Any, limit: int, language: str, language_probability: float) -> Written:
        tokens = tuple(token for token in result.sequences_ids[0] if token < self._special.end)
        # The sum of what the tokens are given, over one more: the end is one, too. Of no token there is no mean.
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1) if tokens else 0.0
        is_whole = len(tokens) < limit
        return Written(
            tokens[:limit], result.no_speech_prob, mean if is_whole else None, language, language_probability
        )

    def _time(self, windows: Sequence[Window], written: Sequence[Written], encoded: Encoded) -> list[Transcript]:
        def align(rows: Sequence[int]) -> list[Transcript]:
            alignments = [None] * len(rows)
            if written[rows[0]].tokens:
                alignments = self._network.align(
                    encoded.rows(rows),
                    self._task(written[rows[0]].language),
                    [list(written[row].tokens) for row in rows],
                    [frames_of(len(windows[row].samples)) for row in rows],
                )
            return [self._heard(windows[row], written[row], found) for row, found in zip(rows, alignments, strict=True)]

        return in_groups(range(len(windows)), lambda row: (written[row].language, bool(written[row].tokens)), align)

    def _heard(self, window: Window, written: Written, alignment: Any) -> Transcript:
        spans = split_words(written.tokens, self._tokenizer.decode, written.language)
        probabilities = alignment.text_token_probs if alignment else []
        mean = written.mean_log_probability
        if mean is None:
            mean = sum(math.log(max(probability, 1e-10)) for probability in probabilities) / len(probabilities)
        return Transcript(
            words=timed_words(spans, alignment.alignments, probabilities, len(window.samples)) if alignment else (),
            no_speech_probability=written.no_speech_probability,
            mean_log_probability=mean,
            compression_ratio=compression_ratio(self._tokenizer.decode(written.tokens).strip()),
            language=written.language,
            language_probability=written.language_probability,
        )


def load_whisper(place: Placement) -> Whisper:
    """The Whisper in a folder of weights, on its device."""
    wanted = place.parameters["compute_type_gpu" if place.device == "cuda" else "compute_type_cpu"]
    supported = ctranslate2.get_supported_compute_types(place.device, place.device_index)
    network = ctranslate2.models.Whisper(
        str(place.weights),
        device=place.device,
        device_index=place.device_index,
        compute_type=wanted if wanted in supported else "auto",  # an old GPU may not have every one
        intra_threads=place.threads,
    )
    tokenizer = Tokenizer.from_file(str(place.weights / "tokenizer.json"))
    return Whisper(network, tokenizer, Options.read(place.parameters))


def _view(values: Any) -> Any:
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(values))


def _max_length(prefix_length: int, token_count: int) -> int:
    """What CTranslate2 has to be told so that it writes at most so many tokens: it writes at most half of it."""
    start = prefix_length - 1
    count = min(token_count, POSITIONS - start)
    return max(2 * count, start + count)
