"""Glossaries as TBX-Basic (ISO 30042), in both of its styles.

    DCA    termEntry     langSet xml:lang   tig (or ntig)  term, termNote type="administrativeStatus"
    DCT    conceptEntry  langSec xml:lang   termSec        term, administrativeStatus

An entry is a concept and has terms in several languages, of which some may be deprecated: those are understood where
they are spoken, and never written. Where two concepts have the same term the first one counts.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException, ElementTree

from livetranslate.glossary import Term
from livetranslate.models import primary

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_ENTRIES = ("termEntry", "conceptEntry")
_SECTIONS = ("langSet", "langSec")
_STATUS = "administrativeStatus"
_PREFERRED = "preferred"  # a status is e.g. preferredTerm-admn-sts
_UNWANTED = ("deprecated", "superseded")

_Entry = dict[str, list[tuple[str, str]]]
"""By language: statuses and terms."""


class TbxGlossary:
    """A file's languages and its terms, each with its place in the file."""

    def __init__(self, content: bytes) -> None:
        """Read the file.

        Raises:
            ValueError: It is no such file; the message says why.
        """
        self._entries = [_entry(element) for element in _outermost_entries(_root(content))]
        if not self._entries:
            raise ValueError("It has no entries: a TBX file has elements termEntry or conceptEntry.")

    @property
    def spoken_languages(self) -> set[str]:
        """The languages that it has terms of."""
        return {language for entry in self._entries for language in entry}

    def terms(self, spoken: Sequence[str]) -> Iterator[tuple[str, Term]]:
        """The terms of the languages that are spoken."""
        primaries = {primary(language) for language in spoken}
        known: set[str] = set()
        for number, entry in enumerate(self._entries, 1):
            written = {language: _written(terms) for language, terms in entry.items()}
            for language in entry:
                if primary(language) not in primaries:
                    continue
                for _, source in entry[language]:
                    if source.casefold() not in known:
                        known.add(source.casefold())
                        yield f"Entry {number}", Term(source, _translations(written, language))


def _root(content: bytes) -> "Element":
    try:
        root: Element = ElementTree.fromstring(content)
    except DefusedXmlException:
        raise ValueError("It declares entities, which are not read. Write their characters themselves.") from None
    except (SyntaxError, LookupError) as error:  # what is no XML, and encodings that are none
        raise ValueError(f"It is not well-formed XML: {error}.") from None
    return root


def _outermost_entries(root: "Element") -> Iterator["Element"]:
    """In order. None is in another one, so that reading them takes as long as the file is, however deep it goes."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if _name(element) in _ENTRIES:
            yield element
        else:
            waiting.extend(reversed(element))


def _entry(element: "Element") -> _Entry:
    entry: _Entry = {}
    for section in element:
        language = section.get(_LANGUAGE, "")
        if _name(section) in _SECTIONS and language:
            entry.setdefault(language, []).extend(term for group in section if (term := _term(group)) is not None)
    return entry


def _term(group: "Element") -> tuple[str, str] | None:
    """The status and the term of an element that may have one."""
    terms = (" ".join("".join(element.itertext()).split()) for element in group.iter() if _name(element) == "term")
    term = next(terms, "")
    statuses = (element.text or "" for element in group.iter() if _STATUS in {_name(element), element.get("type")})
    return (next(statuses, "").strip(), term) if term else None


def _translations(written: dict[str, str], source: str) -> dict[str, str]:
    """What is to be written in the other languages."""
    return {language: term for language, term in written.items() if term and language != source}


def _written(terms: list[tuple[str, str]]) -> str:
    wanted = [(status, term) for status, term in terms if not status.startswith(_UNWANTED)]
    preferred = [term for status, term in wanted if status.startswith(_PREFERRED)]
    return next(iter([*preferred, *(term for _, term in wanted)]), "")


def _name(element: "Element") -> str:
    """Without its namespace."""
    return str(element.tag).rpartition("}")[2]
