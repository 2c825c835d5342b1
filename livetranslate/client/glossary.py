"""Glossaries: terms that are to be recognized, and kept or translated in a certain way."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Final

from livetranslate.v1 import gateway_pb2, types_pb2

Glossary = Mapping[str, Mapping[str, str]]
"""For each term, as it is written in the spoken language, its translation by target language. A term without any
translation stays as it is in all languages: `{"hot plate": {"es": "placa caliente"}, "LiveTranslate": {}}`."""

_FORMATS: Final = {
    ".tsv": gateway_pb2.GLOSSARY_FORMAT_TSV,
    ".tbx": gateway_pb2.GLOSSARY_FORMAT_TBX,
    ".xml": gateway_pb2.GLOSSARY_FORMAT_TBX,
}


def glossary_of(terms: Glossary) -> types_pb2.Glossary:
    """A glossary as the server takes it."""
    return types_pb2.Glossary(
        terms=[
            types_pb2.GlossaryTerm(source=source, translations=translations, do_not_translate=not translations)
            for source, translations in terms.items()
        ]
    )


def glossary_file(path: str | PathLike[str]) -> gateway_pb2.GlossaryFile:
    """A file as the server takes it.

    Raises:
        ValueError: Its name does not tell its format.
        OSError: It cannot be read.
    """
    check_glossary_name(path)
    return gateway_pb2.GlossaryFile(format=_FORMATS[Path(path).suffix.lower()], content=Path(path).read_bytes())


def check_glossary_name(path: str | PathLike[str]) -> None:
    """Check that a file's name tells its format.

    Raises:
        ValueError: It does not; the message says which names do.
    """
    if Path(path).suffix.lower() not in _FORMATS:
        raise ValueError(f"{Path(path).name}: a glossary's name ends in {', '.join(_FORMATS)}")
