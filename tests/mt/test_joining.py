"""Translations of clauses, joined."""

import pytest

from mt.joining import fitted, joined


@pytest.mark.parametrize(
    ("translation", "clause", "expected"),
    [
        ("Porque estaba cerrado.", "because it was closed", "porque estaba cerrado"),
        ("Pienso que sí", "I think so", "pienso que sí"),
        ("I'm here", "I'm here", "I'm here"),
        ("España gana", "Spain wins", "España gana"),
        ("Que Madrid gana", "that Madrid wins", "que Madrid gana"),
        ("Ana viene", "Ana comes", "Ana viene"),
        ("ONU lo dice", "the UN says so", "ONU lo dice"),
        ("¿por qué?", "why?", "¿por qué?"),
        ("y  luego ", "and then", "y luego"),
        ("en los EE.UU.", "in the US", "en los EE.UU."),
        ("y luego...", "and then", "y luego..."),
        ("y se fue.", "and he left.", "y se fue."),
        ("", "and", ""),
    ],
)
def test_a_clause_within_a_sentence(translation: str, clause: str, expected: str) -> None:
    """Inside a sentence stand a small letter, unless it is a name's, and a full stop only where the source has one."""
    assert fitted(translation, clause, starts_sentence=False) == expected


def test_a_clause_that_starts_a_sentence_keeps_its_capital() -> None:
    """At a sentence's start the engine's first letter stays; the full stop still has no place."""
    assert fitted("Tenemos un gato.", "we have a cat", starts_sentence=True) == "Tenemos un gato"


def test_the_full_stop_of_another_script() -> None:
    """A full stop is one in Chinese and Hindi, too."""
    assert fitted("我们有一只猫。", "we have a cat", starts_sentence=True) == "我们有一只猫"


@pytest.mark.parametrize(
    ("committed", "text", "language", "expected"),
    [
        ("Tenemos", "un gato", "es", "Tenemos un gato"),
        ("", "un gato", "es", "un gato"),
        ("Tenemos", "", "es", "Tenemos"),
        ("今日は", "元気です", "ja-JP", "今日は元気です"),
    ],
)
def test_texts_are_joined_as_the_language_does(committed: str, text: str, language: str, expected: str) -> None:
    """One space between them, in a language that writes spaces, and none beside nothing."""
    assert joined(committed, text, language) == expected
