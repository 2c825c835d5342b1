"""Glossaries as tab-separated values: a line for each term, a column for each language, the spoken one first."""

import re
from collections.abc import Iterator

from livetranslate.glossary import Term

_KEPT = "="  # in the place of a translation
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHOWN_CHARACTERS = 20


class TsvGlossary:
    """A file's languages and its terms, each with its place in the file."""

    def __init__(self, content: bytes) -> None:
        """Read the line of the languages.

        Raises:
            ValueError: It has none, or is not UTF-8; the message says where.
        """
        self._rows = _rows(_text(content))
        number, header = next(self._rows, (1, [""]))
        self._languages = [_language(number, field) for field in header]
        if len(set(self._languages)) < len(self._languages):
            raise ValueError(f"Line {number} names a language twice. Give each one column.")

    @property
    def spoken_languages(self) -> set[str]:
        """The languages that it has terms of."""
        return {self._languages[0]}

    def terms(self) -> Iterator[tuple[str, Term]]:
        """The terms, once.

        Raises:
            ValueError: A line has too many fields, or a term comes twice.
        """
        first_lines: dict[str, int] = {}
        _, *targets = self._languages
        for number, (source, *translations) in self._rows:
            if len(translations) > len(targets):
                count = len(translations) + 1
                raise ValueError(f"Line {number} has {count} fields, and there are {len(targets) + 1} languages.")
            first = first_lines.setdefault(source.casefold(), number)
            if first != number:
                raise ValueError(f"Line {number} has the term of line {first} again. Name each once.")
            given = dict(zip(targets, translations, strict=False))
            written = {language: source if text == _KEPT else text for language, text in given.items() if text}
            yield f"Line {number}", Term(source, written)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"Line {line} is not UTF-8. Save the file as UTF-8.") from None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines by their numbers as fields without needless spaces."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [" ".join(field.split()) for field in line.split("\t")]


def _language(number: int, field: str) -> str:
    if not _LANGUAGE.fullmatch(field):
        raise ValueError(
            f"Line {number} must name the languages, the spoken one first, with a tab between them, e.g. en<TAB>es: "
            f"{field[:_SHOWN_CHARACTERS]!r} is none."
        )
    return field
