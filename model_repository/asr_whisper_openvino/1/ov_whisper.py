"""A Whisper that hears windows of several sessions together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from openvino import Core
from ov_devices import choose_devices
from ov_greedy import decode, detect_languages
from ov_network import Network
from ov_rules import Rules, read_rules
from ov_transcript import transcript
from ov_window import Options, Window
from tokenizers import Tokenizer

from livetranslate.engine.log_mel import LogMel
from livetranslate.engine.transcript import Transcript
from livetranslate.engine.whisper_text import SpecialTokens, previous_tokens


class Whisper:
    """The model in a folder."""

    def __init__(self, folder: Path, options: Options, threads: int) -> None:
        """Load it, to run on so many processor cores.

        Raises:
            ValueError: The device is not there, or the files are not those of a Whisper with these languages.
        """
        self.options = options
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        special = SpecialTokens.find(self._tokenizer.token_to_id, self._tokenizer.id_to_token)
        rules = read_rules(folder, special, options.languages)
        devices = choose_devices(options.device, Core().available_devices)
        self._network = Network(folder, devices, threads, options.precision, rules.alignment_heads)
        self._rules: Rules = replace(rules, has_timestamps=not self._network.tells_attention)
        self._log_mel = LogMel(self._network.bands)

    def warm_up(self, batch_sizes: Iterable[int]) -> None:
        """Let the engine choose its kernels and take its memory before anybody waits."""
        for size in batch_sizes:
            self._network.hear(self._features([np.zeros(0, np.int16)] * size))
            self._network.step(np.full((size, 1), self._rules.special.start, np.int64))

    def transcribe(self, windows: Sequence[Window]) -> list[Transcript]:
        """What is said in each window."""
        self._network.hear(self._features([window.samples for window in windows]))
        languages = self._languages(windows)
        prompts = [self._prompt(window, code) for window, (code, _) in zip(windows, languages, strict=True)]
        limits = [window.max_tokens(self.options.tokens_per_second) for window in windows]
        return [
            transcript(decoded, language, len(window.samples), self._rules, self._tokenizer.decode)
            for decoded, language, window in zip(
                decode(prompts, limits, self._network.step, self._rules), languages, windows, strict=True
            )
        ]

    def _features(self, windows: Sequence[Any]) -> Any:
        return self._log_mel(windows, self._network.frames)

    def _languages(self, windows: Sequence[Window]) -> list[tuple[str, float]]:
        """Each window's language and its probability, 1 where it was told."""
        if not self._rules.is_multilingual:
            return [(self.options.languages[0], 1.0)] * len(windows)
        told = [(window.language, 1.0) for window in windows]
        if all(window.language for window in windows):
            return told
        heard = detect_languages(len(windows), self._network.step, self._rules)
        self._network.begin_anew()
        return [known if known[0] else found for known, found in zip(told, heard, strict=True)]

    def _prompt(self, window: Window, language: str) -> list[int]:
        """All tokens before the text."""
        phrases = [self._tokens(f"{phrase},") for phrase in window.phrases]
        previous = previous_tokens(phrases, self._tokens(window.prompt))
        opening = self._rules.opening(language)
        return [self._rules.special.previous, *previous, *opening] if previous else opening

    def _tokens(self, text: str) -> list[int]:
        said = text.strip()
        return list(self._tokenizer.encode(f" {said}", add_special_tokens=False).ids) if said else []
