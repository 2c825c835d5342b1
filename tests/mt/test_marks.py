"""Marks of punctuation."""

import pytest

from mt.marks import bare, has_clause_mark, has_final_mark, has_plain_final_mark


@pytest.mark.parametrize("text", ["Yes.", "Really?!", "“Go.”", "(It was.)", "元気です。", "क्या।"])
def test_a_sentence_closes_with_a_final_mark(text: str) -> None:
    """Brackets and quotation marks after the mark change nothing."""
    assert has_final_mark(text)


@pytest.mark.parametrize("text", ["", "yes", "yes,", "(yes)", "3.5"])
def test_other_texts_do_not(text: str) -> None:
    """A mark elsewhere, or none, closes no sentence."""
    assert not has_final_mark(text)


def test_some_marks_belong_to_no_abbreviation() -> None:
    """A full stop may be that of an abbreviation; a Chinese one is not."""
    assert has_plain_final_mark("元気です。")
    assert not has_plain_final_mark("Mr.")


def test_commas_are_clause_marks() -> None:
    """Commas of any script close clauses; full stops are no clause marks."""
    assert has_clause_mark("Hello,")
    assert has_clause_mark("今日は、")
    assert not has_clause_mark("Hello.")


@pytest.mark.parametrize(
    ("word", "expected"),
    [("“Because,", "because"), ("I\u2019m", "i'm"), ("¿Qué", "qué"), ("--", ""), ("मैं", "मैं")],
)
def test_a_bare_word_has_no_marks(word: str, expected: str) -> None:
    """Marks around a word go, those inside it and vowel signs stay."""
    assert bare(word) == expected
