"""Terms as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.casing import MAX_TERM_WORDS, TermCasing

CASING = TermCasing(["New York", "new york City Hall", "eSpeak", "York Minster", "New York", " "])
WORDS = st.lists(st.sampled_from(["new", "york", "city", "hall", "minster", "espeak", "york"]), max_size=12)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("espeak in york", "eSpeak in york"),
        ("a new idea", "a new idea"),
        ("new york minster", "New York minster"),
        ("york minster", "York Minster"),
        ("new york city hall", "new york City Hall"),
        ("new york city", "New York city"),
        ("NEW YORK", "New York"),
    ],
)
def test_the_longest_term_from_the_left_counts(text: str, written: str) -> None:
    """Its own spelling replaces what was recognized; other words are left alone."""
    assert " ".join(CASING.decided(text.split(), is_all=True)) == written


def test_the_beginning_of_a_term_waits_for_the_next_word() -> None:
    """Until it is the term, or cannot become it any more."""
    assert CASING.decided(["in", "new"], is_all=False) == ["in"]
    assert CASING.decided(["in", "new", "york"], is_all=False) == ["in"]
    assert CASING.decided(["in", "new", "york", "we"], is_all=False) == ["in", "New", "York", "we"]
    assert CASING.decided(["in", "new", "houses"], is_all=False) == ["in", "new", "houses"]


def test_a_phrase_longer_than_any_term_is_not_waited_for() -> None:
    """It is left as it was recognized."""
    sentence = ["Word"] * (MAX_TERM_WORDS + 1)
    assert TermCasing([" ".join(sentence)]).decided(["word"], is_all=False) == ["word"]


@given(WORDS, WORDS)
def test_what_is_decided_stays_so(words: list[str], more: list[str]) -> None:
    """Whatever comes after it, and no more words wait than a term has."""
    decided = CASING.decided(words, is_all=False)
    later = CASING.decided(words + more, is_all=True)
    assert later[: len(decided)] == decided
    assert len(words) - len(decided) < 4
