"""Glossaries as files, as translators keep them."""

from collections.abc import Iterable, Iterator, Sequence

from gateway.glossary_tbx import TbxGlossary
from gateway.glossary_tsv import TsvGlossary
from livetranslate.errors import InvalidArgumentError
from livetranslate.glossary import (
    MAX_LANGUAGES,
    MAX_SOURCE_CHARACTERS,
    MAX_TERMS,
    MAX_TRANSLATION_CHARACTERS,
    Term,
)
from livetranslate.models import primary
from livetranslate.v1 import gateway_pb2

MAX_FILE_BYTES = 1024 * 1024

_SHOWN_LANGUAGES, _SHOWN_CHARACTERS = 20, 35  # in an error, whatever is in the file


def terms_of_file(file: gateway_pb2.GlossaryFile, spoken: Sequence[str]) -> list[Term]:
    """The terms of a file. A megabyte is some 50 ms of work.

    Args:
        file: The file.
        spoken: The languages that may be spoken; empty where that is not known.

    Raises:
        InvalidArgumentError: It is too large, is no such file, or is for other languages; the message says where.
    """
    if len(file.content) > MAX_FILE_BYTES:
        message = f"The glossary file has {len(file.content):,} bytes; at most {MAX_FILE_BYTES:,} are allowed."
        raise InvalidArgumentError("GLOSSARY_FILE_TOO_LARGE", message, limit=str(MAX_FILE_BYTES))
    try:
        return list(_checked(_terms(file, spoken)))
    except ValueError as error:
        raise InvalidArgumentError("GLOSSARY_FILE_INVALID", f"The glossary file cannot be used. {error}") from None


def _terms(file: gateway_pb2.GlossaryFile, spoken: Sequence[str]) -> Iterator[tuple[str, Term]]:
    match file.format:
        case gateway_pb2.GLOSSARY_FORMAT_TSV:
            table = TsvGlossary(file.content)
            _check_languages(table.spoken_languages, spoken)
            return table.terms()
        case gateway_pb2.GLOSSARY_FORMAT_TBX:
            concepts = TbxGlossary(file.content)
            if not spoken:
                raise ValueError("Which of its languages is spoken is not known: say `candidate_language_codes`.")
            _check_languages(concepts.spoken_languages, spoken)
            return concepts.terms(spoken)
        case _:
            raise ValueError("Its `format` is not said: TSV or TBX.")


def _check_languages(found: set[str], spoken: Sequence[str]) -> None:
    if spoken and not {primary(language) for language in spoken} & {primary(language) for language in found}:
        raise ValueError(f"Its terms are of {_listed(found)}, and what is spoken is {_listed(spoken)}.")


def _listed(languages: Iterable[str]) -> str:
    shown = [language[:_SHOWN_CHARACTERS] for language in sorted(languages)[:_SHOWN_LANGUAGES]]
    return ", ".join(shown) or "no language"


def _checked(terms: Iterable[tuple[str, Term]]) -> Iterator[Term]:
    """What is too much is found here, where its place is known."""
    for number, (place, term) in enumerate(terms, 1):
        if number > MAX_TERMS:
            raise ValueError(f"{place} is its term {number:,}; at most {MAX_TERMS:,} are allowed.")
        if len(term.translations) > MAX_LANGUAGES:
            raise ValueError(f"{place} has more than {MAX_LANGUAGES} translations of a term. Leave some out.")
        _check_length(place, term.source, MAX_SOURCE_CHARACTERS)
        for translation in term.translations.values():
            _check_length(place, translation, MAX_TRANSLATION_CHARACTERS)
        yield term


def _check_length(place: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise ValueError(f"{place} has a term of {len(text)} characters; at most {limit} are allowed.")
