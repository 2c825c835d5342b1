"""A real Triton that loads models when it is told to: translators that cost nothing, but say that they do."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from tests.null_triton import MODELS

_SLOW = """
    def initialize(self, args: dict[str, str]) -> None:
        import time

        time.sleep({seconds})
"""
_LONG = """
        import pathlib, time

        pathlib.Path(__file__).with_name("asked").touch()
        time.sleep({seconds})
"""
_BROKEN = """
    def initialize(self, args: dict[str, str]) -> None:
        raise RuntimeError("no such weights")
"""


@dataclass(frozen=True)
class NullModel:
    """A copy of one of the models that cost nothing.

    Attributes:
        engine: The model that it is a copy of.
        memory_mib: What it says to take; 0: nothing is said.
        load_seconds: How long it takes to load.
        infer_seconds: How long it takes to answer; it then leaves a file `1/asked` when it begins to.
        is_broken: Whether it fails to load.
        pairs: What it translates.
        rank: Of several for the same pair, the lowest is asked first.
    """

    engine: str = "mt_null"
    memory_mib: int = 0
    load_seconds: float = 0
    infer_seconds: float = 0
    is_broken: bool = False
    pairs: str = "en-es"
    rank: int = 0


def write_models(models: Mapping[str, NullModel], repository: Path) -> None:
    """Writes a repository of such models."""
    for name, model in models.items():
        shutil.copytree(MODELS / model.engine, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
        path = repository / name / "config.pbtxt"
        config = path.read_text().replace(f'name: "{model.engine}"', f'name: "{name}"')
        config = re.sub(r'("language_pairs" value { string_value: )"[^"]*"', rf'\1"{model.pairs}"', config)
        config += f'parameters {{ key: "rank" value {{ string_value: "{model.rank}" }} }}\n'
        if model.memory_mib:
            config += f'parameters {{ key: "memory_mib" value {{ string_value: "{model.memory_mib}" }} }}\n'
        path.write_text(config)
        source = repository / name / "1" / "model.py"
        before, signature, body = re.split(r"(^    def execute.*\n)", source.read_text(), flags=re.MULTILINE)
        if model.is_broken or model.load_seconds:
            before += _BROKEN if model.is_broken else _SLOW.format(seconds=model.load_seconds)
        if model.infer_seconds:
            signature += _LONG.format(seconds=model.infer_seconds)
        source.write_text(f"{before}\n{signature}{body}")


@contextmanager
def explicit_triton(models: Mapping[str, NullModel], work_dir: Path, grpc_port: int = 0) -> Iterator[Triton]:
    """Runs it while the block runs, nothing loaded; its repository is `work_dir/triton/models`."""
    repository = work_dir / "repository"
    if not repository.exists():
        write_models(models, repository)
    options = TritonOptions(model_repository=repository, profile="null", grpc_port=grpc_port, loads_on_demand=True)
    triton = start_triton(options, work_dir)
    try:
        yield triton
    finally:
        triton.stop()
