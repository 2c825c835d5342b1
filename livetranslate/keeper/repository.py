"""What the models of a repository say of themselves, loaded or not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

log = structlog.get_logger()

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelDescription:
    """A model as its `config.pbtxt` has it.

    Attributes:
        name: Its folder.
        config: The configuration, serialized.
        memory_bytes: Its `memory_mib`; 0 where it does not say.
    """

    name: str
    config: bytes
    memory_bytes: int = 0


def read_repository(folder: Path) -> dict[str, ModelDescription]:
    """All models by name; one whose description cannot be read is told in the log and left out."""
    descriptions = map(_read, sorted(folder.glob("*/config.pbtxt")))
    return {description.name: description for description in descriptions if description is not None}


def _read(path: Path) -> ModelDescription | None:
    config = model_config_pb2.ModelConfig()
    name = path.parent.name
    try:
        text_format.Parse(path.read_text(encoding="utf-8"), config)
    except (OSError, ValueError, text_format.ParseError) as error:
        log.warning("model left out", model=name, error=str(error))
        return None
    config.name = name
    memory_mib = config.parameters["memory_mib"].string_value if "memory_mib" in config.parameters else ""
    if memory_mib and not memory_mib.isdecimal():
        log.warning("memory_mib is not a number and counts as 0", model=name)
    memory_bytes = int(memory_mib) * _MIB if memory_mib.isdecimal() else 0
    return ModelDescription(name, config.SerializeToString(), memory_bytes)
