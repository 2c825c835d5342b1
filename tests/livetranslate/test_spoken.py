"""Who recognizes what may be spoken."""

import pytest

from livetranslate.errors import InvalidArgumentError
from livetranslate.models import Model
from livetranslate.spoken import MAX_CANDIDATES, recognizer_for

ENGLISH = Model("english", "asr", languages=("en",), rank=1)
MANY = Model("many", "asr", languages=("en", "es", "fr"), rank=2)
OTHERS = Model("others", "asr", languages=("de", "es", "it"), rank=3)
ALL = [OTHERS, MANY, ENGLISH]


@pytest.mark.parametrize(
    ("language", "candidates", "model", "languages"),
    [
        pytest.param("en-GB", [], ENGLISH, ("en-GB",), id="one-language"),
        pytest.param("auto", ["en"], ENGLISH, ("en",), id="the-lowest-rank"),
        pytest.param("auto", ["es", "en-GB"], MANY, ("es", "en-GB"), id="the-one-for-both"),
        pytest.param("auto", [], MANY, ("en", "es", "fr"), id="most-languages"),
    ],
)
def test_the_recognizer_is_the_one_that_understands_most(
    language: str, candidates: list[str], model: Model, languages: tuple[str, ...]
) -> None:
    """Of equal ones that of the lowest rank; candidates keep their order."""
    assert recognizer_for(ALL, language, candidates) == (model, languages)


def test_auto_is_english_where_only_english_is_understood() -> None:
    """As it is with the embedded models."""
    assert recognizer_for([ENGLISH], "auto", []) == (ENGLISH, ("en",))


@pytest.mark.parametrize(
    ("language", "candidates", "reason", "part"),
    [
        pytest.param("xx", [], "LANGUAGE_NOT_SUPPORTED", "Languages: de, en, es, fr, it", id="language"),
        pytest.param("auto", ["xx"], "LANGUAGE_NOT_SUPPORTED", "Languages: de, en, es, fr, it", id="no-candidate"),
        pytest.param("auto", ["en", "de", "fr"], "CANDIDATES_NOT_SUPPORTED", "but not de;", id="several-recognizers"),
        pytest.param("auto", ["en"] * (MAX_CANDIDATES + 1), "TOO_MANY_CANDIDATES", "at most 8", id="too-many"),
        pytest.param("auto", ["en-GB", "en-US"], "CANDIDATE_REPEATED", "twice", id="two-regions"),
        pytest.param("auto", ["en", ""], "CANDIDATE_INVALID", "BCP-47", id="empty"),
        pytest.param("auto", ["en", "x" * 36], "CANDIDATE_INVALID", "BCP-47", id="too-long"),
        pytest.param("auto", ["auto"], "CANDIDATE_INVALID", "BCP-47", id="auto"),
        pytest.param("en-" + "x" * 33, [], "LANGUAGE_TOO_LONG", "at most 35", id="language-too-long"),
        pytest.param("en", ["en"], "CANDIDATES_WITHOUT_AUTO", "Leave one of the two out", id="not-auto"),
    ],
)
def test_what_cannot_be_had_is_refused(language: str, candidates: list[str], reason: str, part: str) -> None:
    """The error says what to do."""
    with pytest.raises(InvalidArgumentError, match=part) as raised:
        recognizer_for(ALL, language, candidates)
    assert raised.value.reason == reason


def test_without_models_nothing_is_recognized() -> None:
    """With or without candidates."""
    for candidates in ([], ["en"]):
        with pytest.raises(InvalidArgumentError, match="Languages: none"):
            recognizer_for([], "auto", candidates)
