"""Words and marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.words import tokens_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, C++!", ["Don", "t", "stop", "C"]),
        ("¿Cómo estás?", ["Cómo", "estás"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("私はAI", ["私", "は", "AI"]),
        ("1ª vez", ["1ª", "vez"]),
        ("... --", []),
        ("a\u2028b\u202fc", ["a", "b", "c"]),
    ],
)
def test_words_of_many_scripts(text: str, words: list[str]) -> None:
    """Vowel signs belong to their word, and each Chinese character is a word."""
    assert words_of(text) == words


@given(st.text())
def test_tokens_are_all_that_is_no_space(text: str) -> None:
    """Words and marks together leave nothing out but spaces."""
    assert "".join(token[0] for token in tokens_of(text)) == "".join(text.split())
