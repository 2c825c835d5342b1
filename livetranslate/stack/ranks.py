"""Which of several models is asked first, as an operator wants it: other ranks than the models' own."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from livetranslate.stack.process import StackError
from livetranslate.weights import find_weights

VARIABLE: Final = "LIVETRANSLATE_MODEL_RANKS"

_RANK: Final = re.compile(r"([A-Za-z0-9_]+)=(-?\d{1,6})")


def default_ranks() -> dict[str, int]:
    """The ranks of the setting.

    Raises:
        StackError: It has another form.
    """
    return read_ranks(os.environ.get(VARIABLE, ""))


def read_ranks(text: str) -> dict[str, int]:
    """The ranks in `mt_apertium=5 mt_llm=40`, by the name of a model or of its engine.

    Raises:
        StackError: It has another form.
    """
    ranks: dict[str, int] = {}
    for word in text.split():
        match = _RANK.fullmatch(word)
        if match is None:
            message = (
                f"{VARIABLE}={text!r}: {word!r} is not NAME=RANK with a whole number. For example: "
                f"{VARIABLE}='mt_apertium=5 mt_llm=40'; the lowest rank is asked first."
            )
            raise StackError(message)
        ranks[match[1]] = int(match[2])
    return ranks


def check_ranks(ranks: Mapping[str, int], model_repository: Path, models_folder: Path | None) -> None:
    """Refuse ranks of models that there are in no profile: else a misspelt name would change nothing.

    Raises:
        StackError: The message names them, and those there are.
    """
    engines = {path.parent.name for path in model_repository.glob("*/config.pbtxt")}
    installed = {weights.model_name for weights in find_weights(models_folder)} if models_folder else set()
    if unknown := sorted(ranks.keys() - engines - installed):
        known = " ".join(sorted(engines | installed))
        raise StackError(f"{VARIABLE} names {', '.join(unknown)}: there is no such model. Models: {known}.")
