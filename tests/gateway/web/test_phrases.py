"""Prompts as phrases."""

import pytest

from gateway.web.phrases import terms_of
from livetranslate.glossary import MAX_TERMS


@pytest.mark.parametrize(
    ("prompt", "phrases"),
    [
        ("", []),
        ("LiveTranslate, Triton; ONNX Runtime\nKubernetes.", ["LiveTranslate", "Triton", "ONNX Runtime", "Kubernetes"]),
        ("Names: Anna Berg, anna  berg", ["Names", "Anna Berg"]),
        ("The following is a long talk about many things, DALL-E", ["DALL-E"]),
        ("\u6771\u4eac\u3001\u5927\u962a\u3002", ["\u6771\u4eac", "\u5927\u962a"]),
        (", ... ,", []),
    ],
)
def test_what_is_short_is_a_phrase(prompt: str, phrases: list[str]) -> None:
    """Each once; sentences are passed over."""
    assert [term.source for term in terms_of(prompt, [])] == phrases


def test_keywords_come_first_and_as_they_are() -> None:
    """Also long ones, which the session then judges."""
    told = [term.source for term in terms_of("b, c", ["a and what belongs to it", "B"])]
    assert told == ["a and what belongs to it", "B", "c"]


def test_a_prompt_has_no_more_phrases_than_a_glossary_may() -> None:
    """The rest is passed over, as with sentences."""
    assert len(terms_of(",".join(map(str, range(5_000))), [])) == MAX_TERMS
