"""How to translate, from the parameters of a model's configuration."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of these names; the model repository's README explains them."""

    language_pairs: tuple[str, ...]
    beam_size: int
    length_penalty: float
    repetition_penalty: float
    no_repeat_ngram_size: int
    sentence_tokens: int
    max_tokens: int
    max_batch_tokens: int
    output_ratio: float
    output_extra: int

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Those of a configuration.

        Raises:
            KeyError: One is missing.
            ValueError: One is no number.
        """
        numbers = {field.name: field.type(parameters[field.name]) for field in fields(cls)[1:]}
        return cls(tuple(parameters["language_pairs"].split()), **numbers)


def language_codes(parameter: str) -> dict[str, str]:
    """A model's own codes of languages by BCP-47, e.g. from `en:eng_Latn es:spa_Latn`."""
    return dict(entry.split(":", 1) for entry in parameter.split())


def compute_type(wanted: str, supported: Iterable[str]) -> str:
    """The type of numbers to compute with: the one that is wanted, else the fastest that the device has."""
    return wanted if wanted in set(supported) else "auto"
