"""Which language a text is written in."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from livetranslate.language_id import identify, language_of, prepare

ENGLISH = "the meeting begins on monday morning"
SPANISH = "la reunión empieza el lunes por la mañana"
AMONG = ("en", "es", "ca")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        (SPANISH, "es"),
        ("la reunió comença dilluns al matí i acaba al migdia", "ca"),
    ],
)
def test_a_sentence_tells_its_language(text: str, language: str) -> None:
    """The most probable comes first, and all probabilities sum to one."""
    verdict = identify(text, AMONG)
    assert verdict[0][0] == language
    assert sum(probability for _, probability in verdict) == pytest.approx(1, abs=1e-5)
    assert list(verdict) == sorted(verdict, key=lambda item: -item[1])
    assert language_of(text, AMONG) == language


def test_languages_are_answered_as_they_were_named() -> None:
    """Regions are kept, and of two regions of a language the first stands for both."""
    assert language_of(ENGLISH, ("es-MX", "en-GB", "en-US")) == "en-GB"


def test_a_language_that_the_library_does_not_know_is_left_out() -> None:
    """Aranese is in no list; Norwegian and Filipino have another name there."""
    assert {name for name, _ in identify(ENGLISH, ("en", "oc-aranes", "es", "no", "fil"))} == {"en", "es", "no", "fil"}


@pytest.mark.parametrize("among", [(), ("en",), ("en", "en-GB"), ("en", "xx")])
def test_nothing_is_said_where_nothing_is_to_be_told_apart(among: tuple[str, ...]) -> None:
    """A single language would be certain whatever the text."""
    assert identify(SPANISH, among) == ()
    assert language_of(SPANISH, among) == ""


@pytest.mark.parametrize("text", ["", "12 34", "这是一个很好的地方"])
def test_text_in_none_of_the_scripts_says_nothing(text: str) -> None:
    """Neither do numbers."""
    assert identify(text, AMONG) == ()
    assert language_of(text * 5, AMONG) == ""


def test_short_or_mixed_text_gives_no_sure_verdict() -> None:
    """However probable a language is: many short words exist in several."""
    assert identify("good morning", AMONG)[0][0] == "en"
    assert language_of("good morning", AMONG) == ""
    assert language_of("animal hospital capital natural", AMONG) == ""


def test_many_threads_get_the_same_answer() -> None:
    """To the last digit, and also while the languages are being loaded."""
    prepare(["de", "xx"])
    with ThreadPoolExecutor(4) as threads:
        verdicts = set(threads.map(lambda _: identify(ENGLISH, ("en", "de", "nl")), range(400)))
    (verdict,) = verdicts
    assert verdict[0][0] == "en"
