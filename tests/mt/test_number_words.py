"""Numbers in digits and in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mt.number_words import has_number_words, numbers_in


@pytest.mark.parametrize(
    ("text", "language", "numbers"),
    [
        ("more than three thousand books in seven countries", "en", {3000, 7}),
        ("más de tres mil libros en siete países", "es-MX", {3000, 7}),
        ("Two hundred and thirty-five of 235.", "en", {235}),
        ("doscientas treinta y cinco de 235", "es", {235}),
        ("three million five hundred thousand", "en", {3_500_000}),
        ("nine and six and ten; twenty, five", "en", {9, 6, 10, 20, 5}),
        ("at 9:30 in 2024, 3,000 or 3.000 or 3 000 or 3\u00a0000", "en", {9, 30, 2024, 3000}),
        ("3 million", "en", {3_000_000}),
        ("tres millones", "es", {3_000_000}),
        ("ciento veintiún mil", "es", {121_000}),
        ("one of a kind, 1 or 0", "en", set()),
        ("trois mille 5", "fr", {5}),
        ("٣٥", "ar", {35}),
    ],
)
def test_numbers_are_read(text: str, language: str, numbers: set[int]) -> None:
    """In digits with any marks of thousands, and in words where they are known."""
    assert numbers_in(text, language) == numbers


def test_languages_whose_words_are_known() -> None:
    """Of others only digits are."""
    assert has_number_words("en-GB")
    assert not has_number_words("fr")


@given(
    st.text(alphabet=st.sampled_from("0123456789., ón'y abcmillmil"), max_size=80), st.sampled_from(["en", "es", "fr"])
)
def test_any_text_has_its_numbers(text: str, language: str) -> None:
    """However odd, a text is read, and a number it has in the end is found."""
    assert all(number > 1 for number in numbers_in(text, language))
    assert 77 in numbers_in(f"{text} x 77", language)


def test_a_long_row_of_digits_is_cut() -> None:
    """Nobody says ten thousand digits, and Python refuses to read them."""
    assert numbers_in("7" * 10_000, "en") == {int("7" * 18)}
