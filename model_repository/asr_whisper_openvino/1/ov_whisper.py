"""A Whisper that hears windows of several sessions together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from openvino import Core
from ov_devices import choose_devices
from ov_greedy import decode, detect_languages
from ov_network import Network
from ov_rules import Rules, read_rules
from ov_transcript import Transcript, transcript
from tokenizers import Tokenizer

from livetranslate.engine.batch import RefusedError
from livetranslate.engine.log_mel import SAMPLE_RATE_HERTZ, LogMel
from livetranslate.engine.whisper_text import MAX_SECONDS, SpecialTokens, previous_tokens

_ENGLISH = "en"
_MAX_SAMPLES = MAX_SECONDS * SAMPLE_RATE_HERTZ


@dataclass(frozen=True, slots=True)
class Window:
    """What is asked about.

    Attributes:
        samples: INT16, 16 kHz, without what they were padded with.
        language: What is spoken; empty: find out.
        prompt: What was said before.
        phrases: What is likely to be said.
    """

    samples: Any
    language: str = ""
    prompt: str = ""
    phrases: tuple[str, ...] = ()


class Whisper:
    """The model in a folder."""

    def __init__(self, folder: Path, preference: str, threads: int, precision: str = "") -> None:
        """Load it; see `choose_devices` for the preference, and `Network` for the rest."""
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        special = SpecialTokens.find(self._tokenizer.token_to_id, self._tokenizer.id_to_token)
        rules = read_rules(folder, special)
        self.devices = choose_devices(preference, Core().available_devices)
        self._network = Network(folder, self.devices, threads, precision, rules.alignment_heads)
        self.rules: Rules = replace(rules, has_timestamps=not self._network.tells_attention)
        self._log_mel = LogMel(self._network.bands)

    def warm_up(self, counts: Iterable[int]) -> None:
        """Prepare for batches of these sizes, so that the first requests do not wait for it."""
        for count in counts:
            self._network.hear(self._features([np.zeros(0, np.int16)] * count))
            self._network.step(np.full((count, 1), self.rules.special.start, np.int64))

    def check(self, window: Window) -> Window:
        """The window, if it can be answered.

        Raises:
            RefusedError: It is too long, or in a language that the model does not have.
        """
        if len(window.samples) > _MAX_SAMPLES:
            raise RefusedError(
                f"a window of {len(window.samples):,} samples; Whisper hears at most {_MAX_SAMPLES:,} at once"
            )
        try:
            self.rules.opening(window.language or _ENGLISH)
        except ValueError as error:
            raise RefusedError(str(error)) from error
        return window

    def transcribe(self, windows: Sequence[Window]) -> list[Transcript]:
        """What is said in each window."""
        self._network.hear(self._features([window.samples for window in windows]))
        languages = self._languages(windows)
        prompts = [self._prompt(window, code) for window, (code, _) in zip(windows, languages, strict=True)]
        return [
            transcript(decoded, language, len(window.samples), self.rules, self._tokenizer.decode)
            for decoded, language, window in zip(
                decode(prompts, self._network.step, self.rules), languages, windows, strict=True
            )
        ]

    def _features(self, windows: Sequence[Any]) -> Any:
        return self._log_mel(windows, self._network.frames)

    def _languages(self, windows: Sequence[Window]) -> list[tuple[str, float]]:
        """Each window's language and its probability, 1 where it was told."""
        told = [(window.language, 1.0) for window in windows]
        if not self.rules.is_multilingual:
            return [(_ENGLISH, 1.0)] * len(windows)
        if all(window.language for window in windows):
            return told
        heard = detect_languages(len(windows), self._network.step, self.rules)
        self._network.begin_anew()
        return [known if known[0] else found for known, found in zip(told, heard, strict=True)]

    def _prompt(self, window: Window, language: str) -> list[int]:
        """All tokens before the text."""
        phrases = [self._tokens(f" {phrase}") for phrase in window.phrases]
        previous = previous_tokens(phrases, self._tokens(f" {window.prompt}") if window.prompt else [])
        opening = self.rules.opening(language)
        return [self.rules.special.previous, *previous, *opening] if previous else opening

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)
