"""Translations of clauses, joined to the translation of their segment.

Engines write what they are given as if it stood alone: with a capital letter and a full stop. Inside a sentence
neither has its place.
"""

from livetranslate.models import primary
from mt.marks import has_final_mark

SPACELESS = frozenset(("zh", "yue", "wuu", "nan", "ja", "th", "lo", "km", "my", "bo"))
_FULL_STOPS = (".", "\u3002", "\u0964", "\u06d4")


def fitted(translation: str, clause: str, *, starts_sentence: bool) -> str:
    """The translation of a clause as it stands among others.

    Args:
        translation: As the engine wrote it.
        clause: What was translated.
        starts_sentence: Whether a sentence starts with the clause.
    """
    text = " ".join(translation.split())
    if not has_final_mark(clause):
        text = _without_full_stop(text)
    return text if starts_sentence else _continued(text, clause)


def joined(committed: str, text: str, language: str) -> str:
    """Text of the target language after the text before it."""
    space = "" if primary(language) in SPACELESS else " "
    return f"{committed}{space}{text}" if committed and text else committed or text


def _without_full_stop(text: str) -> str:
    """The text without the full stop at its end; that of an abbreviation like U.S. and three dots stay."""
    words = text.split()
    if not words or not words[-1].endswith(_FULL_STOPS) or "." in words[-1][:-1]:
        return text
    return text[:-1].rstrip()


def _continued(text: str, clause: str) -> str:
    """The text with a small first letter, unless the source writes that word so, or it is an abbreviation."""
    words = text.split()
    is_capitalized = bool(words) and words[0][:1].isupper() and not words[0][1:2].isupper()
    if not is_capitalized or words[0] in clause.split() or _begins_with_name(clause):
        return text
    return text[0].lower() + text[1:]


def _begins_with_name(clause: str) -> bool:
    """Whether the source has a capital letter there though no sentence starts; "I" has one everywhere."""
    first = clause.split(maxsplit=1)[0]
    return first[:1].isupper() and first.partition("'")[0] != "I"
