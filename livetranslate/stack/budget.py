"""How much memory the models may take together, and who sees to it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from livetranslate.stack.process import StackError

VARIABLE: Final = "LIVETRANSLATE_MODEL_BUDGET_MIB"
KEEPER_URL: Final = "LIVETRANSLATE_KEEPER_URL"
_SHARE_PERCENT: Final = 80  # of what is free: the rest is for the services, and for models that take more than they say


def default_budget_mib() -> int:
    """The budget of the setting; 0: all models are loaded at start, and stay.

    Raises:
        StackError: It is not a whole number.
    """
    text = os.environ.get(VARIABLE, "0").strip()
    if not text.isdecimal():
        raise StackError(f"{VARIABLE}={text!r} is not a whole number of MiB. For example: {VARIABLE}=6000.")
    return int(text)


def automatic_budget_mib(models_mib: int, free_mib: int) -> int:
    """The budget where nobody has set one; 0 where all models fit, or where it is not known what is free.

    Args:
        models_mib: What all models take together.
        free_mib: What is free where they are loaded, before anything is started.
    """
    budget_mib = free_mib * _SHARE_PERCENT // 100
    return budget_mib if models_mib > budget_mib else 0


def check_budget(budget_mib: int, environment: Mapping[str, str]) -> None:
    """Refuse a budget for a Triton of somebody else's, and a keeper of somebody else's for ours.

    Raises:
        StackError: The message says what to start or to set instead.
    """
    has_triton, has_keeper = "LIVETRANSLATE_TRITON_URL" in environment, KEEPER_URL in environment
    if budget_mib and has_triton:
        message = (
            f"{VARIABLE} is for the Triton that is started here, and LIVETRANSLATE_TRITON_URL names another. Start "
            f"`python -m livetranslate.keeper` beside that one, and set {KEEPER_URL} (docs/model-memory.md)."
        )
        raise StackError(message)
    if has_keeper and not has_triton:
        message = (
            f"{KEEPER_URL} is for a Triton that already runs: set LIVETRANSLATE_TRITON_URL, too. For the one that is "
            f"started here, set {VARIABLE} instead."
        )
        raise StackError(message)


def keeper_environment(budget_mib: int, data_folder: Path) -> dict[str, str]:
    """The settings of the keeper of the Triton that is started here."""
    return {
        "LIVETRANSLATE_KEEPER_BUDGET_MIB": str(budget_mib),
        "LIVETRANSLATE_KEEPER_MODEL_REPOSITORY": str((data_folder / "triton" / "models").absolute()),
    }
