"""Picks the models of a profile and writes the repository that Triton serves them from.

A model is a folder `<task>_<engine>/` with a `config.pbtxt` and a version folder. Where it has a `describe.py`, that
is asked what depends on this machine. It prints one JSON object:

    {"parameters": {"language_pairs": "en-es es-en"}, "missing": null}

`parameters` are merged into those of `config.pbtxt`. Where `missing` is text, the model cannot run, and the text says
what to install.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from livetranslate.stack.process import StackError

DESCRIBE_TIMEOUT_SECONDS = 30
PER_CORE = "per_core"


@dataclass(frozen=True)
class ModelFolder:
    """A model in a model repository."""

    name: str
    path: Path


@dataclass(frozen=True)
class MissingModel:
    """A model that cannot run here, and what would change that."""

    name: str
    missing: str


@dataclass(frozen=True)
class RenderedModels:
    """What a rendered repository serves, and what was left out of it."""

    names: tuple[str, ...]
    left_out: tuple[MissingModel, ...]


def find_models(model_repository: Path, profile: str) -> list[ModelFolder]:
    """The models whose `profile` parameter contains `profile`, by name."""
    folders = [path.parent for path in sorted(model_repository.glob("*/config.pbtxt"))]
    return [ModelFolder(path.name, path) for path in folders if profile in _profiles(_read_config(path))]


def render_models(models: Iterable[ModelFolder], target: Path, *, instances: int) -> RenderedModels:
    """Writes a repository of `models` into the empty folder `target`.

    Args:
        models: What to serve.
        target: Where to write.
        instances: The number of processes of a model whose `instances` parameter is `per_core`; 0 means one for each
            core that this process may use.
    """
    names: list[str] = []
    left_out: list[MissingModel] = []
    for model in models:
        config = _read_config(model.path)
        missing = _describe(model, config)
        if missing:
            left_out.append(MissingModel(model.name, missing))
            continue
        _set_instances(config, instances or len(os.sched_getaffinity(0)))
        _write_model(model, config, target / model.name)
        names.append(model.name)
    return RenderedModels(tuple(names), tuple(left_out))


def _read_config(folder: Path) -> Any:
    config = model_config_pb2.ModelConfig()
    try:
        text_format.Parse((folder / "config.pbtxt").read_text(encoding="utf-8"), config)
    except text_format.ParseError as error:
        raise StackError(f"{folder / 'config.pbtxt'} is not a Triton model configuration: {error}") from error
    return config


def _profiles(config: Any) -> list[str]:
    return _parameter(config, "profile").split()


def _parameter(config: Any, key: str) -> str:
    return str(config.parameters[key].string_value) if key in config.parameters else ""


def _describe(model: ModelFolder, config: Any) -> str | None:
    """Merges what the model says of itself into `config`; returns what it misses."""
    script = model.path / "describe.py"
    if not script.exists():
        return None
    # The very interpreter that will run the model: what it can import is what the model can import.
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=DESCRIBE_TIMEOUT_SECONDS, check=False
    )
    if run.returncode != 0:
        raise StackError(f"{script} failed; run it by hand to see why:\n{run.stderr.strip()}")
    answer = json.loads(run.stdout)
    for key, value in answer["parameters"].items():
        config.parameters[key].string_value = value
    missing: str | None = answer["missing"]
    return missing


def _set_instances(config: Any, count: int) -> None:
    if _parameter(config, "instances") == PER_CORE:
        config.instance_group[0].count = count


def _write_model(model: ModelFolder, config: Any, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "config.pbtxt").write_text(text_format.MessageToString(config), encoding="utf-8")
    for version in sorted(path for path in model.path.iterdir() if path.is_dir() and path.name.isdigit()):
        (target / version.name).symlink_to(version.resolve(), target_is_directory=True)
