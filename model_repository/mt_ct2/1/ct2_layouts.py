"""How each family of translation models wants its texts: which files cut them, and how languages are named."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sentencepiece


@dataclass(frozen=True, slots=True)
class Layout:
    """A family of models.

    Attributes:
        source_pieces: The SentencePiece model of the texts.
        target_pieces: That of their translations.
        source: Tokens that a text begins with; `{source}` and `{target}` are the model's codes of the languages.
        target: Tokens that a translation begins with.
    """

    source_pieces: str
    target_pieces: str
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()


_SHARED: Final = "sentencepiece.bpe.model"

LAYOUTS: Final = {
    "opus": Layout("source.spm", "target.spm"),
    "opus_many": Layout("source.spm", "target.spm", source=(">>{target}<<",)),
    "quickmt": Layout("src.spm.model", "tgt.spm.model"),
    "nllb": Layout(_SHARED, _SHARED, source=("{source}",), target=("{target}",)),
    "m2m100": Layout(_SHARED, _SHARED, source=("__{source}__",), target=("__{target}__",)),
    "small100": Layout(_SHARED, _SHARED, source=("__{target}__",)),
}
"""The families by the value of the parameter `tokenization`."""


class Tokenizer:
    """Cuts texts into a model's tokens and puts them together again."""

    def __init__(self, weights: Path, tokenization: str, language_codes: Mapping[str, str]) -> None:
        """Load the files of a model.

        Args:
            weights: Their folder.
            tokenization: One of `LAYOUTS`.
            language_codes: The model's own codes by BCP-47; a language that is missing has the same in both.

        Raises:
            ValueError: There is no such layout.
            RuntimeError: A file is missing.
        """
        if tokenization not in LAYOUTS:
            raise ValueError(f"tokenization {tokenization!r} is none of: {' '.join(LAYOUTS)}")
        self._layout = LAYOUTS[tokenization]
        self._codes = language_codes
        self._source = _load(weights / self._layout.source_pieces)
        self._target = _load(weights / self._layout.target_pieces)
        config = _config(weights)
        self.end: str = config.get("eos_token", "</s>")
        self._is_end_added = bool(config.get("add_source_eos"))  # by the engine; else, as most have it, here

    def source_tokens(self, text: str, source: str, target: str) -> list[str]:
        """A text as the model reads it."""
        end = [] if self._is_end_added else [self.end]
        return [*self._named(self._layout.source, source, target), *self._source.encode(text, out_type=str), *end]

    def target_tokens(self, prefix: str, source: str, target: str) -> list[str]:
        """What a translation begins with."""
        return [*self._named(self._layout.target, source, target), *self._target.encode(prefix, out_type=str)]

    def text(self, tokens: Sequence[str]) -> str:
        """The text of a translation's tokens, without those that stand for no text."""
        unknown = self._target.unk_id()
        return str(self._target.decode([token for token in tokens if self._target.piece_to_id(token) != unknown]))

    def _named(self, tokens: Sequence[str], source: str, target: str) -> list[str]:
        codes = {"source": self._codes.get(source, source), "target": self._codes.get(target, target)}
        return [token.format(**codes) for token in tokens]


def _load(path: Path) -> Any:
    return sentencepiece.SentencePieceProcessor(model_file=str(path))


def _config(weights: Path) -> Mapping[str, Any]:
    """What CTranslate2's converter wrote beside the model; converters before version 3 wrote nothing."""
    path = weights / "config.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
