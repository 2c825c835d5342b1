"""What a Whisper may write, by its `generation_config.json`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from livetranslate.engine.whisper_text import SpecialTokens

_LAST_START = 50  # a transcript starts within a second: what the models were decoded with when published
_POSITIONS = 448  # of the decoder


@dataclass(frozen=True, slots=True)
class Rules:
    """Which tokens open a transcript, and which never come.

    Attributes:
        special: The tokens that are no text.
        languages: The tokens of the languages that may be spoken.
        suppressed: Tokens that are never chosen.
        suppressed_first: Those that no text begins with.
        alignment_heads: The layers and heads that follow the speech, where known.
        has_timestamps: Whether the transcript has them; where the heads can be followed, it needs none.
        last_start: The latest timestamp that a transcript may begin with.
        max_tokens: How many there may be, prompt included.
        is_multilingual: Whether the language and the task have to be said.
    """

    special: SpecialTokens
    languages: Mapping[str, int]
    suppressed: tuple[int, ...]
    suppressed_first: tuple[int, ...]
    alignment_heads: tuple[tuple[int, int], ...]
    has_timestamps: bool
    last_start: int
    max_tokens: int
    is_multilingual: bool

    @property
    def first_timestamp(self) -> int:
        """The token for 0.00 s; each that follows is 20 ms later, up to 30.00 s."""
        return self.special.no_timestamps + 1

    def opening(self, language: str) -> list[int]:
        """The tokens that a transcript in a language begins with."""
        end = [] if self.has_timestamps else [self.special.no_timestamps]
        if not self.is_multilingual:
            return [self.special.start, *end]
        return [self.special.start, self.languages[language], self.special.transcribe, *end]


def read_rules(folder: Path, special: SpecialTokens, languages: Sequence[str]) -> Rules:
    """The rules of the model in a folder.

    Raises:
        ValueError: Whisper does not have one of the languages.
    """
    config = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    last_start = config.get("max_initial_timestamp_index")
    return Rules(
        special=special,
        languages={code: special.language(code) for code in languages},
        suppressed=tuple(sorted({*(config.get("suppress_tokens") or ()), special.no_speech, special.no_timestamps})),
        suppressed_first=tuple(config.get("begin_suppress_tokens") or ()),
        alignment_heads=tuple((layer, head) for layer, head in config.get("alignment_heads") or ()),
        has_timestamps=True,
        last_start=special.no_timestamps + 1 + (_LAST_START if last_start is None else last_start),
        max_tokens=min(_POSITIONS, config.get("max_length") or _POSITIONS),
        is_multilingual=config.get("is_multilingual", True),
    )
