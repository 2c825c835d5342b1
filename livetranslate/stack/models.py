"""Picks the models of a profile and writes the repository that Triton serves them from.

A model is a folder `<task>_<engine>/` with a `config.pbtxt` and a version folder. Where it has a `describe.py`, that
is asked what depends on this machine. It prints one JSON object:

    {"parameters": {"language_pairs": "en-es es-en"}, "missing": null}

`parameters` are merged into those of `config.pbtxt`. Where `missing` is text, the model cannot run, and the text says
what to install.

Where a model's `optional` parameter is `yes`, nothing is amiss without it.

A folder whose `weights` parameter is `required` is an engine for weights that are installed elsewhere (see
`livetranslate.weights`). It becomes a model for each of them, named after the task and the weights. What the weights
say of themselves is merged into its parameters, and `weights` becomes their folder.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from pydantic import BaseModel, ValidationError
from tritonclient.grpc import model_config_pb2

from livetranslate.stack.process import StackError
from livetranslate.weights import Weights, WeightsError, damage, find_weights

DESCRIBE_TIMEOUT_SECONDS = 30
PER_CORE = "per_core"
REQUIRED = "required"
GPU_PROFILE = "gpu"


@dataclass(frozen=True)
class ModelFolder:
    """A model in a model repository, with its weights where it needs some."""

    name: str
    path: Path
    profile: str
    weights: Weights | None = None


@dataclass(frozen=True)
class MissingModel:
    """A model that cannot run here, and what would change that."""

    name: str
    missing: str
    is_optional: bool = False  # nothing is amiss without it


@dataclass(frozen=True)
class RenderedModels:
    """What a rendered repository serves, and what was left out of it."""

    names: tuple[str, ...]
    left_out: tuple[MissingModel, ...]


def find_models(model_repository: Path, profile: str, models_folder: Path | None = None) -> list[ModelFolder]:
    """The models of a profile, by name: one for each engine that needs no weights, and one for all other weights.

    Args:
        model_repository: The engines.
        profile: One of those in their `profile` parameters.
        models_folder: Where weights are installed; None: nowhere.

    Raises:
        StackError: A description cannot be read.
    """
    try:
        installed = find_weights(models_folder) if models_folder else []
    except WeightsError as error:
        raise StackError(str(error)) from None
    models: list[ModelFolder] = []
    for path in sorted(path.parent for path in model_repository.glob("*/config.pbtxt")):
        config = _read_config(path)
        if profile not in _parameter(config, "profile").split():
            continue
        fitting = [weights for weights in installed if weights.engine == path.name and profile in weights.profiles]
        if _parameter(config, "weights") == REQUIRED and fitting:
            models += [ModelFolder(weights.model_name, path, profile, weights) for weights in fitting]
        else:
            models.append(ModelFolder(path.name, path, profile))
    models.sort(key=lambda model: model.name)
    for one, other in pairwise(models):
        if one.name == other.name:
            both = " and ".join(
                sorted(model.weights.name if model.weights else model.path.name for model in (one, other))
            )
            raise StackError(f"{both} would be one model, {one.name}. Rename one, or remove it.")
    return models


def memory_mib(models: Iterable[ModelFolder]) -> dict[str, int]:
    """What each model takes once it is loaded, by name; 0 where it does not say."""
    return {model.name: _memory_mib(model) for model in models}


def render_models(
    models: Iterable[ModelFolder], target: Path, *, instances: int, ranks: Mapping[str, int] | None = None
) -> RenderedModels:
    """Writes a repository of `models` into the empty folder `target`.

    Args:
        models: What to serve.
        target: Where to write.
        instances: The number of processes of a model whose `instances` parameter is `per_core`; 0 means one for each
            core that this process may use.
        ranks: Other ranks than the models' own, by the name of a model or of its engine.
    """
    ask = cache(_ask)  # many weights may have one engine
    names: list[str] = []
    left_out: list[MissingModel] = []
    for model in models:
        config = _read_config(model.path)
        answer = ask(model.path / "describe.py")
        for key, value in answer.parameters.items():
            config.parameters[key].string_value = value
        missing = answer.missing or _add_weights(model, config)
        if missing:
            left_out.append(MissingModel(model.name, missing, _is_optional(config)))
            continue
        _set_instances(config, instances or len(os.sched_getaffinity(0)))
        for name in (model.path.name, model.name):
            if ranks and name in ranks:
                config.parameters["rank"].string_value = str(ranks[name])
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


def _parameter(config: Any, key: str) -> str:
    return str(config.parameters[key].string_value) if key in config.parameters else ""


def _memory_mib(model: ModelFolder) -> int:
    if model.weights and (size_mib := model.weights.memory_mib.get(model.profile)):
        return size_mib
    said = _parameter(_read_config(model.path), "memory_mib")
    return int(said) if said.isdecimal() else 0


def _is_optional(config: Any) -> bool:
    return _parameter(config, "optional") == "yes"


class _Answer(BaseModel):
    """What a model says of itself; `missing`: what to install, where it cannot run."""

    parameters: Mapping[str, str]
    missing: str | None


def _ask(script: Path) -> _Answer:
    if not script.exists():
        return _Answer(parameters={}, missing=None)
    # The very interpreter that will run the model: what it can import is what the model can import.
    argv = [sys.executable, str(script)]
    try:
        run = subprocess.run(argv, capture_output=True, text=True, timeout=DESCRIBE_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise StackError(f"{script} takes more than {DESCRIBE_TIMEOUT_SECONDS} s; run it by hand to see why") from None
    if run.returncode != 0:
        raise StackError(f"{script} failed; run it by hand to see why:\n{run.stderr.strip()}")
    try:
        return _Answer.model_validate_json(run.stdout)
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise StackError(f"{script} does not print what it should: {problem}; run it by hand to see what") from None


def _add_weights(model: ModelFolder, config: Any) -> str | None:
    """Merges what the weights say of themselves into `config`; returns what is missing."""
    if _parameter(config, "weights") != REQUIRED:
        return None
    weights = model.weights
    if weights is None:
        pull = "pull NAME" if _is_optional(config) else f"pull --profile {model.profile}"
        return f"no weights for it are installed: livetranslate models {pull}"
    if problem := damage(weights):
        return f"{problem}: livetranslate models pull --force {weights.name}"
    config.name = model.name
    # What is known of them comes last: their parameters lead to no other folder.
    added = {**weights.parameters, "weights": str(weights.folder.resolve()), "license": weights.license}
    if memory_mib := weights.memory_mib.get(model.profile):
        added["memory_mib"] = str(memory_mib)
    for key, value in added.items():
        config.parameters[key].string_value = value
    if model.profile == GPU_PROFILE:
        for group in config.instance_group:
            group.kind = model_config_pb2.ModelInstanceGroup.KIND_GPU  # as many instances on each GPU
    return None


def _set_instances(config: Any, count: int) -> None:
    if _parameter(config, "instances") == PER_CORE:
        config.instance_group[0].count = count


def _write_model(model: ModelFolder, config: Any, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "config.pbtxt").write_text(text_format.MessageToString(config), encoding="utf-8")
    for version in sorted(path for path in model.path.iterdir() if path.is_dir() and path.name.isdigit()):
        (target / version.name).symlink_to(version.resolve(), target_is_directory=True)
