"""Session logs as files of JSON lines: the header, then an event per line; what has its default is left out."""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from bench.quality.session_log import Event, Header, Sentence, SessionLog, Word


def write_log(log: SessionLog, path: Path) -> None:
    """Write a log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [_line(log.header), *map(_line, log.events)]
    path.write_text("".join(lines), encoding="utf-8")


def read_log(path: Path) -> SessionLog:
    """Read a log."""
    with path.open(encoding="utf-8") as file:
        header, *events = map(json.loads, file)
    return SessionLog(_header(header), tuple(map(_event, events)))


def _line(record: Header | Event) -> str:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    defaults = {field.name: field.default for field in fields(record) if field.default is not MISSING}
    told = {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}
    return json.dumps(told, ensure_ascii=False) + "\n"


def _header(values: dict[str, Any]) -> Header:
    sentences = tuple(Sentence(*sentence) for sentence in values.pop("sentences", ()))
    return Header(**{**values, "sent": tuple(values["sent"])}, sentences=sentences)


def _event(values: dict[str, Any]) -> Event:
    words = tuple(Word(*word) for word in values.pop("words", ()))
    return Event(**values, words=words)
