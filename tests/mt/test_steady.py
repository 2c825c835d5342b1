"""Drafts that stay calm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.steady import SteadyDraft

TEXTS = st.lists(st.text("ab ", max_size=12), max_size=8)


def shown(*drafts: str, committed: str = "", language: str = "es") -> str:
    """What is shown after the committed text once these have come."""
    steady = SteadyDraft(language)
    for draft in drafts:
        steady.receive(draft)
    return steady.after(committed)


@pytest.mark.parametrize(
    ("drafts", "expected"),
    [
        (["tenemos tres"], "tenemos tres"),
        (["tenemos tres", "tenemos tres opciones para"], "tenemos tres"),
        (["tenemos tres", "tenemos tres opciones para", "tenemos tres opciones hoy"], "tenemos tres opciones"),
        (["la grande", "la casa grande", "la casa grande está"], "la casa grande"),
        (["la grande", "el"], ""),
        ([], ""),
    ],
)
def test_what_two_drafts_agree_on_is_shown(drafts: list[str], expected: str) -> None:
    """The first draft is shown as it is; of each later one what the one before it, or what is shown, begins with."""
    assert shown(*drafts) == expected


def test_one_draft_that_strays_takes_back_only_where_it_differs() -> None:
    """What is shown and said again stays, though the draft between was shorter."""
    assert shown("a b c", "a b c", "a", "a b c") == "a"
    assert shown("a b", "a b c", "a b") == "a b"


def test_a_language_without_spaces_is_compared_by_letters() -> None:
    """A sentence is not one word."""
    assert shown("今日は晴れ", "今日は雨です", language="ja") == "今日は"


def test_what_is_committed_is_not_shown_twice() -> None:
    """Only what follows the committed text is left to show, and nothing where it has turned out otherwise."""
    assert shown("vamos a casa hoy", committed="Vamos a casa") == ""
    assert shown("vamos a casa hoy", committed="vamos a casa") == "hoy"
    assert shown("vamos a casa", committed="vamos a casa de hoy") == ""


@given(TEXTS)
def test_nothing_is_shown_that_the_newest_draft_does_not_say(drafts: list[str]) -> None:
    """What is shown is how the newest draft begins."""
    newest = drafts[-1].split() if drafts else []
    words = shown(*drafts).split()
    assert words == newest[: len(words)]
