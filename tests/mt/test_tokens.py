"""A transcript taken apart."""

from mt.job import SourceWord
from mt.tokens import Token, tokens_of


def test_words_have_their_marks_and_times() -> None:
    """A token is a word with its marks; where words are given it has their times."""
    words = [SourceWord("Good", 100, 200), SourceWord("morning,", 250, 400)]
    assert tokens_of("Good morning, all", words) == [
        Token("Good", 0, 100, 200),
        Token("morning,", 5, 250, 400),
        Token("all", 14),
    ]


def test_tokens_begin_at_a_place() -> None:
    """Tokens before the place are left out, and the times are still those of their words."""
    words = [SourceWord("one", 0, 10), SourceWord("one", 20, 30)]
    assert tokens_of("one one", words, 3) == [Token("one", 4, 20, 30)]


def test_words_that_are_not_in_the_text_tell_no_times() -> None:
    """From the first word that the text does not have, no times are known."""
    words = [SourceWord("good", 0, 10), SourceWord("evening", 20, 30), SourceWord("all", 40, 50)]
    assert [token.end_sample for token in tokens_of("good morning all", words)] == [10, None, None]


def test_an_empty_word_tells_no_times() -> None:
    """A word without text is in no text."""
    assert tokens_of("good", [SourceWord("", 0, 10), SourceWord("good", 10, 20)]) == [Token("good", 0)]


def test_text_without_spaces_is_cut_at_its_marks() -> None:
    """Where no spaces are written tokens end at marks; their ends are those of the last of their words."""
    words = [SourceWord("今日", 0, 10), SourceWord("は、", 10, 20), SourceWord("元気", 30, 40)]
    assert tokens_of("今日は、元気です。」そう", words) == [
        Token("今日は、", 0, 0, 20),
        Token("元気です。」", 4, 30, None),
        Token("そう", 10),
    ]
