"""Which packages a model lacks: for its `describe.py`, which is asked before the model runs."""

import importlib.util
from collections.abc import Iterable


def install_command(packages: Iterable[str]) -> str | None:
    """The command that installs those that are not there; None where all are."""
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    return f"pip install {' '.join(missing)}" if missing else None
