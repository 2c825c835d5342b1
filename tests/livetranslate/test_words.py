"""Words and marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.words import joined, space_between, tokens_of, words_of


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


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["good", "morning."], "good morning."),
        (["今日", "は", "晴れ。", "はい"], "今日は晴れ。はい"),
        (["สวัสดี", "ครับ"], "สวัสดีครับ"),
        (["これ", "は", "GPU", "です"], "これは GPU です"),
        (["안녕하세요", "여러분"], "안녕하세요 여러분"),
    ],
)
def test_words_are_joined_as_their_script_has_it(words: list[str], text: str) -> None:
    """With spaces, but for two that are written in a script without."""
    assert joined(words) == text


@pytest.mark.parametrize(
    ("before", "after", "space"), [("good", "morning", " "), ("晴れ。", "はい", ""), ("は", "GPU", " ")]
)
def test_the_space_between_two_texts(before: str, after: str, space: str) -> None:
    """None where both are of a script that is written without."""
    assert space_between(before, after) == space
