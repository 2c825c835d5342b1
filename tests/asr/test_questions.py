"""Questions by the order of their words."""

import pytest

from asr.questions import is_english_question


@pytest.mark.parametrize(
    "text",
    [
        "can you see it",
        "is the door open",
        "do you know them",
        "isn't it late",
        "what is that",
        "what's your name",
        "where did the train stop",
        "why didn't we wait",
        "how many are here",
        "which one is yours",
        "what time is it",
    ],
)
def test_a_verb_before_its_subject_asks(text: str) -> None:
    """As do the short forms of asking words."""
    assert is_english_question(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "the door is open",
        "what we can do is wait",
        "when it rains the door is closed",
        "which is why we left",
        "how they did it is not known",
        "do the other one first",
        "have a look at this",
        "who knows",
        "can you see it " + "and then we went on to the next one " * 2,
    ],
)
def test_anything_else_does_not(text: str) -> None:
    """Neither does a question that other sentences follow; one that the voice alone asks is missed."""
    assert not is_english_question(text.split())
