"""Where sentences end."""

import pytest

from mt.sentences import ends_sentence


@pytest.mark.parametrize(
    ("text", "following", "language"),
    [
        ("That is all.", "now", "en"),
        ("Is it?", "yes", "en-GB"),
        ("今日は。", "元気です", "ja"),
        ("He came. He saw.", "then", "en"),
        ("Ja.", "und", "xx"),
    ],
)
def test_a_mark_ends_a_sentence(text: str, following: str, language: str) -> None:
    """A final mark ends a sentence, in any language and before any word."""
    assert ends_sentence(text, following, language)


@pytest.mark.parametrize(("text", "following"), [("I met Mr.", "smith"), ("That is", "all"), ("so,", "he")])
def test_an_abbreviation_ends_none(text: str, following: str) -> None:
    """The full stop of an abbreviation, another mark or none ends no sentence."""
    assert not ends_sentence(text, following, "en")
