"""The words by which clauses are told apart."""

import pytest

from mt.clause_words import _BY_LANGUAGE, clause_words


def test_words_open_and_bind() -> None:
    """A conjunction opens a clause, a preposition a phrase, and both bind what follows, as articles do."""
    english = clause_words("en-GB")
    assert english.opens("because")
    assert english.opens_phrase("with")
    assert [english.binds(word) for word in ("because", "with", "the", "cat")] == [True, True, True, False]


def test_a_word_may_stand_before_another_without_a_space() -> None:
    """What is written before an apostrophe opens a clause, too."""
    french = clause_words("fr")
    assert french.opens("lorsqu'il")
    assert not french.opens("aujourd'hui")


def test_a_language_without_lists_has_no_words() -> None:
    """Nothing opens or binds in a language that has no lists."""
    finnish = clause_words("fi")
    assert not finnish.opens("ja")
    assert not finnish.binds("ja")


@pytest.mark.parametrize("language", _BY_LANGUAGE)
def test_each_word_is_of_one_kind(language: str) -> None:
    """No word is in two lists of a language."""
    words = clause_words(language)
    lists = [words.openers, words.prepositions, words.binders]
    assert sum(map(len, lists)) == len(frozenset().union(*lists))
