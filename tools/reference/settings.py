"""The page of the settings, from the settings classes and the docstrings of their fields."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from pydantic.fields import FieldInfo

from asr.settings import AsrSettings
from gateway.settings import GatewaySettings
from livetranslate.keeper.settings import KeeperSettings
from livetranslate.settings import ServiceSettings, TritonSettings, variable_of
from mt.settings import MtSettings
from tts.settings import TtsSettings

_SERVICES: Mapping[str, type[ServiceSettings]] = {
    "gateway": GatewaySettings,
    "asr": AsrSettings,
    "mt": MtSettings,
    "tts": TtsSettings,
    "keeper": KeeperSettings,
}
_INTRODUCTION = """\
# Settings of the services

Environment variables. A wrong value stops the service at start, with the variable, the value and what would be valid.
[Settings](../settings.md) tells how they work together, and those of models and commands.

## Every service

`<NAME>` is `GATEWAY`, `ASR`, `MT`, `TTS` or `KEEPER`.
"""
_COMPUTED = {"spill_dir": "in the folder for temporary files", "riva": "true where the extra is installed"}


def settings_page() -> str:
    """A table for what all services have, one for what those in front of Triton have, and one for each service."""
    return "\n".join(
        [
            _INTRODUCTION,
            *_table(ServiceSettings, _own_fields(ServiceSettings)),
            "## asr, mt and tts",
            "",
            *_table(TritonSettings, _own_fields(TritonSettings)),
            *(line for name, kind in _SERVICES.items() for line in _service(name, kind)),
        ]
    )


def _service(name: str, kind: type[ServiceSettings]) -> Iterator[str]:
    yield f"## {name}"
    yield ""
    yield from _table(kind, _own_fields(kind))


def _own_fields(kind: type[ServiceSettings]) -> list[str]:
    """The fields that a class adds to those that it has from others, or changes."""
    return [name for name in kind.__annotations__ if name in kind.model_fields]


def _table(kind: type[ServiceSettings], fields: Iterable[str]) -> Iterator[str]:
    meanings = _meanings(kind)
    yield "| variable | default | meaning |"
    yield "|---|---|---|"
    for field in fields:
        meaning = meanings.get(field) or _meanings(ServiceSettings)[field]
        yield f"| `{_variable(kind, field)}` | {_default(field, kind.model_fields[field])} | {meaning} |"
    yield ""


def _variable(kind: type[ServiceSettings], field: str) -> str:
    variable = variable_of(kind, field)
    return variable if variable.startswith("LIVETRANSLATE_") else f"LIVETRANSLATE_<NAME>_{variable}"


def _default(field: str, info: FieldInfo) -> str:
    if field in _COMPUTED:
        return _COMPUTED[field]
    if info.is_required():
        return "required" if field != "listen" else "see below"
    match info.default:
        case None:
            return "none"
        case bool(value):
            return str(value).lower()
        case float(value):
            return f"{value:g}"
        case value:
            return str(value)


def _meanings(kind: type[ServiceSettings]) -> Mapping[str, str]:
    """The string behind each field in a class's source."""
    source = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    (definition,) = (node for node in source.body if isinstance(node, ast.ClassDef))
    found = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split()).replace("|", "\\|")
    return found
