"""Weights on this machine: folders that say of themselves what they are for.

    models/
      whisper-base/
        weights.json     what is described here
        model.bin …      what the engine loads

`livetranslate models pull` installs them; a folder made by hand will do as well.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

import platformdirs

DESCRIPTION: Final = "weights.json"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class WeightsError(Exception):
    """Weights cannot be used; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file as it has to be."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Weights for one engine.

    Attributes:
        name: Its folder, e.g. `opus-en-es`.
        engine: The folder in `model_repository/` that runs them, e.g. `mt_ct2`.
        profiles: The profiles that serve them.
        license: SPDX expression.
        memory_mib: What the loaded model takes, by profile.
        parameters: What is added to the engine's parameters, e.g. `language_pairs`.
        files: All files by path within the folder.
        folder: Where they are.
    """

    name: str
    engine: str
    profiles: tuple[str, ...]
    license: str
    memory_mib: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, WeightsFile] = field(default_factory=dict)
    folder: Path = Path()

    @property
    def model_name(self) -> str:
        """The name of the Triton model that has them, e.g. `mt_opus_en_es`."""
        task = self.engine.partition("_")[0]
        return f"{task}_{self.name}".replace("-", "_").replace(".", "_").lower()


def default_models_folder() -> Path:
    """Where weights are installed unless a setting says otherwise; root's lie beside root's sessions."""
    if folder := os.environ.get("LIVETRANSLATE_MODELS_DIR"):
        return Path(folder)
    data = Path("/var/lib/livetranslate") if os.geteuid() == 0 else platformdirs.user_data_path("livetranslate")
    return data / "models"


def find_weights(models_folder: Path) -> list[Weights]:
    """All weights in a folder, sorted by name.

    Raises:
        WeightsError: The description of one cannot be read.
    """
    return [read_weights(path.parent) for path in sorted(models_folder.glob(f"*/{DESCRIPTION}"))]


def read_weights(folder: Path) -> Weights:
    """The weights in a folder, as they describe themselves.

    Raises:
        WeightsError: The description is missing, or wrong.
    """
    path = folder / DESCRIPTION
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        files = {name: WeightsFile(**file) for name, file in described.pop("files", {}).items()}
        profiles = _list(described.pop("profiles"))
        weights = Weights(**described, profiles=profiles, files=files, folder=folder)
        wrong = _wrong(weights)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeightsError(f"{path} does not describe weights: {error!r}. Pull them again, or mend it.") from error
    if wrong:
        raise WeightsError(f"{path} does not describe weights: {wrong}. Pull them again, or mend it.")
    return weights


def write_weights(weights: Weights) -> None:
    """Write the description into the weights' folder."""
    described = asdict(weights)
    del described["folder"]
    (weights.folder / DESCRIPTION).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")


def is_name(name: object) -> bool:
    """Whether weights can be called so: it becomes the name of a folder."""
    return isinstance(name, str) and bool(_NAME.fullmatch(name))


def is_path_within(path: str) -> bool:
    """Whether a file of that path lies within the folder that it is relative to, however it is resolved."""
    parts = PurePosixPath(path).parts
    return bool(parts) and "/".join(parts) == path and ".." not in parts and "\\" not in path


def describe_file(path: Path) -> WeightsFile:
    """A file's size and digest, as it is now."""
    with path.open("rb") as file:
        return WeightsFile(hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def damage(weights: Weights) -> str | None:
    """What is wrong with the files of weights, if anything is: reads them all."""
    for name, expected in weights.files.items():
        path = weights.folder / name
        if not path.is_file():
            return f"{path} is missing"
        if path.stat().st_size != expected.size_bytes:
            return f"{path} has {path.stat().st_size:,} bytes instead of {expected.size_bytes:,}"
        if describe_file(path) != expected:
            return f"{path} was changed: it has another SHA-256 than when it was installed"
    return None


def _list(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return tuple(value)


def _wrong(weights: Weights) -> str:
    """What cannot be in a description: whoever gave the weights away has written it."""
    texts = (weights.engine, weights.license, *weights.profiles, *weights.parameters.values())
    if not is_name(weights.name):
        return f"name is {weights.name!r}, which cannot be the name of a folder"
    if not all(isinstance(text, str) for text in texts):
        return "engine, license, profiles and parameters are not all text"
    if not all(isinstance(memory_mib, int) for memory_mib in weights.memory_mib.values()):
        return "memory_mib is not a whole number for each profile"
    if outside := [name for name in weights.files if not is_path_within(name)]:
        return f"{outside[0]!r} is no path within the folder"
    return ""
