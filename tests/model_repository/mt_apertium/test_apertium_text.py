import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model_repository.loading import load_sibling

apertium_text = load_sibling("mt_apertium", "apertium_text")


@pytest.mark.parametrize("reserved", list("\\[]{}$@<>/"))
def test_reserved_characters_are_escaped(reserved: str) -> None:
    """What means something in the stream format goes through as itself."""
    assert apertium_text.to_stream(reserved) == f"\\{reserved}".encode()


def test_what_would_hang_the_pipeline_is_removed() -> None:
    """No `^` and no NUL reaches the pipeline."""
    assert apertium_text.to_stream("a^b\0c") == b"abc"


@given(st.text())
def test_a_pipeline_that_changes_nothing_gives_the_text_back(text: str) -> None:
    """Reading undoes writing, but for what cannot be sent and the width of spaces."""
    stream = apertium_text.to_stream(text)
    assert b"\0" not in stream
    sendable = text.replace("^", "").replace("\0", "")
    assert apertium_text.from_stream(stream) == " ".join(sendable.split())


def test_a_lone_surrogate_is_replaced() -> None:
    """Text that no encoding can carry still makes a stream."""
    assert apertium_text.to_stream("a\ud800") == b"a?"


@pytest.mark.parametrize(
    ("source", "translation", "expected"),
    [
        ("Zork is good.", "Zork Es bueno.", "Zork es bueno."),
        ("Zork blif and Anna", "Zork blif Y Anna", "Zork blif y Anna"),
        ("Yes. Zork is here.", "Sí. Zork Es aquí.", "Sí. Zork es aquí."),
        ('"Zork is it?"', '"Zork Es?"', '"Zork es?"'),
        ("Zork London is here", "Zork Londres es aquí", "Zork Londres es aquí"),
        ("Zork, London is here", "Zork, Londres es aquí", "Zork, Londres es aquí"),
        ("Zork yo soy", "Zork I am", "Zork I am"),
        ("We have. It is", "Tenemos. Es", "Tenemos. Es"),
        ("", "", ""),
    ],
)
def test_a_capital_stays_with_the_first_word(source: str, translation: str, expected: str) -> None:
    """After an unknown word a sentence goes on in lower case, unless its source does not."""
    assert apertium_text.without_shifted_capitals(source, translation) == expected


@given(st.text(), st.text())
def test_capitals_are_all_that_changes(source: str, translation: str) -> None:
    """Whatever the texts, letters stay the same but for their case."""
    changed = apertium_text.without_shifted_capitals(source, translation)
    assert changed.lower() == translation.lower()
