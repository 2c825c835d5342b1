import pytest

from tests.model_repository.loading import load_sibling

chatterbox_text = load_sibling("tts_chatterbox", "chatterbox_text")


def test_a_text_falls_into_sentences() -> None:
    """Each is spoken by itself; marks alone are nothing to say."""
    found = chatterbox_text.sentences("Hola.  ¿Qué tal?\nBien, gracias. …", "es")
    assert list(found) == ["Hola.", "¿Qué tal?", "Bien, gracias."]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [("word " * 100, [249, 249]), ("a" * 100 + ", " + "b" * 200, [101, 200]), ("a" * 600, [250, 250, 100])],
)
def test_a_long_sentence_is_cut(text: str, lengths: list[int]) -> None:
    """Behind a comma, else between words, and in any case."""
    found = list(chatterbox_text.sentences(text, "en"))
    assert [len(sentence) for sentence in found] == lengths
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize(
    ("sentence", "language", "prepared"),
    [
        ("Hola", "es", "[es]hola."),
        ("¡SÍ!", "es", "[es]¡si\u0301!"),
        ("One:  two — three", "en", "[en]one, two - three."),
        ("[laughter] “Well”", "en", '[en](laughter) "well".'),
        ("가", "ko", "[ko]\u1100\u1161."),
        ("and then,", "en", "[en]and then,"),
    ],
)
def test_a_sentence_is_written_as_the_model_was_taught(sentence: str, language: str, prepared: str) -> None:
    """Lower case, letters and their marks apart, an end, and no commands from outside."""
    assert chatterbox_text.prepared(sentence, language) == prepared
