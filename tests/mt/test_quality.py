"""How good a translation seems to be."""

import csv
from pathlib import Path

import pytest

from mt.quality import _WEIGHTS, QualityReason, Rating, rate

TALK = Path(__file__).parents[3] / "shared/data/talk/talk.tsv"

SOURCE = "Last month we sold more than three thousand books in seven countries."
TARGET = "El mes pasado vendimos más de tres mil libros en siete países."


def words(text: str, count: int) -> str:
    """The first words."""
    return " ".join(text.split()[:count])


def test_nothing_speaks_against_a_good_translation() -> None:
    """It has all of the quality there is."""
    assert rate(SOURCE, TARGET, "en", "es") == Rating(1.0, ())


def test_nothing_was_said() -> None:
    """Marks alone need no translation."""
    assert rate("...", "", "en", "es") == Rating(1.0, ())


def test_signs_multiply() -> None:
    """Each sign takes its share of what the others have left, and the gravest is named first."""
    rating = rate(SOURCE, TARGET.replace("siete", "ocho"), "en", "es", score=-9, are_terms_missed=True)
    assert rating.reasons == (QualityReason.LOW_SCORE, QualityReason.TERM_MISSED, QualityReason.NUMBER_LOST)
    assert rating.quality == pytest.approx(0.5 * 0.6 * 0.8)


def test_reasons_are_in_the_order_of_their_weights() -> None:
    """The first one named costs most."""
    assert list(_WEIGHTS) == list(QualityReason)
    assert list(_WEIGHTS.values()) == sorted(_WEIGHTS.values(), reverse=True)


@pytest.fixture(scope="module")
def talk() -> list[tuple[str, str]]:
    """Sentences with translations by a person."""
    if not TALK.exists():
        pytest.skip(f"no sentences at {TALK}")
    with TALK.open(encoding="utf-8") as file:
        return [(row["english"], row["spanish"]) for row in csv.DictReader(file, delimiter="\t")]


def test_good_translations_pass(talk: list[tuple[str, str]]) -> None:
    """At most one in twenty is suspected, in either direction."""
    ratings = [rate(english, spanish, "en", "es") for english, spanish in talk]
    ratings += [rate(spanish, english, "es", "en") for english, spanish in talk]
    assert sum(bool(rating.reasons) for rating in ratings) <= len(ratings) / 20


def broken(source: str, target: str) -> dict[str, str]:
    """The same translation, broken in several ways."""
    count = len(target.split())
    return {
        "copied": source,
        "another source": f"So {source.lower()}",
        "empty": "",
        "phrase again and again": f"{target} {' '.join([words(target, 2)] * 6)}",
        "word again and again": target + 5 * f" {target.rsplit(maxsplit=1)[-1]}",
        "third": words(target, count // 3),
        "half": words(target, count // 2),
    }


@pytest.mark.parametrize(
    ("kind", "reason", "share"),
    [
        ("copied", QualityReason.COPIED, 1),
        ("another source", QualityReason.WRONG_LANGUAGE, 1),
        ("empty", QualityReason.EMPTY, 1),
        ("phrase again and again", QualityReason.REPETITION, 1),
        ("word again and again", QualityReason.REPETITION, 1),
        ("third", QualityReason.LENGTH, 1),
        ("half", QualityReason.LENGTH, 0.9),
    ],
)
def test_broken_translations_are_told(
    talk: list[tuple[str, str]], kind: str, reason: QualityReason, share: float
) -> None:
    """By the sign that fits."""
    ratings = [rate(source, broken(source, target)[kind], "en", "es") for source, target in talk]
    assert sum(reason in rating.reasons for rating in ratings) >= share * len(ratings)


@pytest.mark.parametrize(
    ("number", "other"),
    [("tres mil", "cinco mil"), ("siete", "nueve"), ("dos hijos", "tres hijos"), ("diez", "veinte"), ("doce", "13")],
)
def test_a_changed_number_is_told(talk: list[tuple[str, str]], number: str, other: str) -> None:
    """Also where numbers are written in words."""
    ((source, target),) = [pair for pair in talk if number in pair[1]]
    assert rate(source, target.replace(number, other), "en", "es").reasons == (QualityReason.NUMBER_LOST,)
