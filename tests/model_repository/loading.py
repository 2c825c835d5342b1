"""Imports the plain Python beside a model's `model.py`, from where Triton finds it."""

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2] / "model_repository"


def load_sibling(model: str, name: str) -> Any:
    """The module `name` in the version folder of `model`."""
    folder = str(REPOSITORY / model / "1")
    if folder not in sys.path:
        sys.path.append(folder)  # last, as Triton does it
    return importlib.import_module(name)


def load_describe(model: str) -> Any:
    """The `describe.py` of `model`."""
    spec = importlib.util.spec_from_file_location(f"{model}_describe", REPOSITORY / model / "describe.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
