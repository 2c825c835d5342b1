import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model_repository.loading import load_sibling

piper_text = load_sibling("tts_piper", "piper_text")


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        ("Hola. ¿Qué tal?", "es", ["Hola.", "¿Qué tal?"]),
        ("El Dr. García viene.", "es-MX", ["El Dr. García viene."]),
        ("No. I think so.", "en", ["No.", "I think so."]),
        ("See No. 5 there.", "en", ["See No. 5 there."]),
        ("你好。你好吗？", "zh", ["你好。", "你好吗？"]),  # noqa: RUF001 - as it is written
        (" one\n\ntwo ", "en", ["one two"]),
        ("", "en", []),
        (" \n", "en", []),
    ],
)
def test_texts_are_cut_into_sentences(text: str, language: str, sentences: list[str]) -> None:
    """A full stop may also belong to an abbreviation."""
    assert list(piper_text.pieces(text, language)) == sentences


def test_a_long_sentence_is_cut_at_its_last_pause() -> None:
    """The mark stays with what it ends."""
    first, second = piper_text.pieces("a" * 90 + ", " + "b" * 90 + ", " + "c" * 150, "en")
    assert (first[-1], second) == (",", "c" * 150)


def test_a_long_sentence_without_pauses_is_cut_between_words() -> None:
    """No word is lost, and none is cut."""
    words = ["word"] * 200
    pieces = list(piper_text.pieces(" ".join(words), "en"))
    assert " ".join(pieces).split() == words


@given(st.text())
def test_every_piece_is_short_and_nothing_is_lost(text: str) -> None:
    """Whatever the text is, its pieces are all of it, but for the spaces."""
    pieces = list(piper_text.pieces(text * 20, "en"))
    assert all(0 < len(piece) <= piper_text.LONGEST_CHARACTERS for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join((text * 20).split())
