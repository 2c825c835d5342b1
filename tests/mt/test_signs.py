"""Signs that a translation may be bad."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mt import signs


@pytest.mark.parametrize(("score", "expected"), [(None, 0), (-0.3, 0), (-1.2, 0), (-1.75, 0.5), (-9.0, 1)])
def test_an_unsure_engine_says_so(score: float | None, expected: float) -> None:
    """Below 30 % a token it is unsure; an engine that says nothing is not."""
    assert signs.low_score(score) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("source", "translation", "pair", "is_odd"),
    [
        ("yes", "de acuerdo", ("en", "es"), True),
        ("yes", "sí", ("en", "es"), False),
        ("We will talk about the new project.", "Hablaremos del nuevo proyecto.", ("en", "es"), False),
        ("We will talk about the new project.", "Hablaremos.", ("en", "es"), True),
        ("We will talk about the new project.", "Hablaremos. " * 10, ("en", "es"), True),
        ("We will talk about the new project.", "我们将讨论这个新项目。", ("en", "zh-CN"), False),
        ("We will talk about the new project.", "我们将讨论这个新项目。", ("en", "es"), True),
        ("我们将讨论这个新项目。", "We will talk about the new project.", ("zh", "en"), False),
    ],
)
def test_an_odd_length(source: str, translation: str, pair: tuple[str, str], is_odd: bool) -> None:
    """Much shorter or longer than usual is odd; scripts of few characters have their own measure."""
    assert (signs.odd_length(source, translation, *pair) > 0) is is_odd


@pytest.mark.parametrize(
    ("source", "translation", "pair", "is_wrong"),
    [
        ("We talk about the project.", "Hablamos sobre el proyecto.", ("en", "es"), False),
        ("We talk about the project.", "We speak of the new plan.", ("en-GB", "es-MX"), True),
        ("We talk about the project.", "Мы говорим про новый план.", ("en", "es"), True),
        ("We talk about it.", "We talk", ("en", "es"), False),
        ("We talk about the project.", "We speak of the new plan.", ("en", "xx"), False),
    ],
)
def test_the_wrong_language(source: str, translation: str, pair: tuple[str, str], is_wrong: bool) -> None:
    """The source's language, or the script of neither; unknown where it is short or nothing is to be told apart."""
    assert signs.wrong_language(source, translation, *pair) == is_wrong


@pytest.mark.parametrize(
    ("source", "translation", "share"),
    [
        ("the old train leaves at noon", "The old train leaves at noon.", 1),
        ("the old train leaves at noon", "el tren viejo sale a mediodía", 0),
        ("with Anna Smith in New York", "con Anna Smith en New York", 0),
        ("internet hotel", "internet hotel", 0),
    ],
)
def test_a_copied_text(source: str, translation: str, share: float) -> None:
    """Words that are the same speak against it, names and a few of them do not."""
    assert signs.copied(source, translation) == share


@pytest.mark.parametrize(
    ("source", "translation", "is_loop"),
    [
        ("that is very good", "eso es muy muy bueno", False),
        ("no no no no no", "no no no no no", False),
        ("the train leaves", "el tren sale sale sale sale sale", True),
        ("the train leaves", "el tren el tren el tren el tren", True),
        ("the train", "列车列车列车列车列车", True),
        (
            "the train",
            ", ".join(f"el tren {number} de la estación norte de la ciudad vieja" for number in range(9)),
            True,
        ),
    ],
)
def test_a_loop(source: str, translation: str, is_loop: bool) -> None:
    """Words or phrases again and again, which the source does not have."""
    assert (signs.repeating(source, translation) > 0.3) is is_loop


@pytest.mark.parametrize(
    ("source", "translation", "pair", "share"),
    [
        ("three books for 3,000 people", "3 libros para tres mil", ("en", "es"), 0),
        ("three books for 3,000 people", "cinco libros para 3.000", ("en", "es"), 0.5),
        ("5 books", "cinq livres", ("en", "fr"), 0),
        ("5 books", "6 livres", ("en", "fr"), 1),
        ("25 books", "vingt-cinq livres", ("en", "fr"), 1),
        ("five books", "six livres", ("en", "fr"), 0),
        ("books", "libros", ("en", "es"), 0),
    ],
)
def test_lost_numbers(source: str, translation: str, pair: tuple[str, str], share: float) -> None:
    """Numbers in words count where they are known in both languages; else a small one may have become a word."""
    assert signs.lost_numbers(source, translation, *pair) == share


@pytest.mark.parametrize(
    ("source", "translation", "language", "share"),
    [
        ("We saw Anna in London on Friday.", "Vimos a Anna en Londres el viernes.", "en", 0),
        ("We saw Anna in London.", "La vimos en Londres.", "en", 0.5),
        ("Yes. Then I went on.", "Sí. Después seguí.", "en", 0),
        ("Wir sahen das Haus und die Anna.", "We saw the house.", "de", 0),
        ("We saw Anna.", "Мы видели её.", "en", 0),
        ("A Tale Of Two Cities", "Historia de dos ciudades", "en", 0),
        ("Mi viaje a Ávila", "My journey to Avila", "es", 0),
    ],
)
def test_lost_names(source: str, translation: str, language: str, share: float) -> None:
    """Names are recognized by their beginning; days, headlines, German nouns and other scripts tell nothing."""
    assert signs.lost_names(source, translation, language) == share


TEXTS = st.text(min_size=1, max_size=200)


@settings(deadline=None)  # the first text in a language loads it
@given(TEXTS, TEXTS, st.sampled_from(["en", "es", "zh", "de"]), st.sampled_from(["es", "ja", "fr-CA", "xx"]))
def test_severities_are_shares(source: str, translation: str, a: str, b: str) -> None:
    """Whatever the texts, each sign says something from 0 to 1."""
    for severity in (
        signs.odd_length(source, translation, a, b),
        signs.wrong_language(source, translation, a, b),
        signs.copied(source, translation),
        signs.repeating(source, translation),
        signs.lost_numbers(source, translation, a, b),
        signs.lost_names(source, translation, a),
    ):
        assert 0 <= severity <= 1
