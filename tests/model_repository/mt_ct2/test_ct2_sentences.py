import pytest

from tests.model_repository.loading import load_sibling

ct2_sentences = load_sibling("mt_ct2", "ct2_sentences")


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", [""]),
        ("we came", ["we came"]),
        ("We came. He went! ", ["We came. ", "He went! "]),
        ('He said "no." Then he left.', ['He said "no." ', "Then he left."]),
        ("Mr. Smith of the U.S. Army has 3.5 e.g. of them.", ["Mr. Smith of the U.S. Army has 3.5 e.g. of them."]),
        ("she said... nothing", ["she said... nothing"]),
        ("\u4f60\u597d\u3002\u6211\u6765\u4e86\u3002", ["\u4f60\u597d\u3002", "\u6211\u6765\u4e86\u3002"]),
    ],
)
def test_a_text_is_cut_after_its_sentences(text: str, sentences: list[str]) -> None:
    """An abbreviation, a number and three dots end none; nothing is lost."""
    assert ct2_sentences.sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "prefix", "rest"),
    [
        ("we have three options", "nosotros tenemos", ("we have three options", "nosotros tenemos")),
        ("We came. He went", "Vinimos. \u00c9l", ("He went", "\u00c9l")),
        ("We came. He went", "Vinimos.", ("He went", "")),
        ("We came. He went", "Vinimos, \u00e9l", ("We came. He went", "Vinimos, \u00e9l")),
        ("We came. He went", "", ("We came. He went", "")),
        ("We came", "Vinimos. Y", ("We came", "Vinimos. Y")),
    ],
)
def test_only_the_sentence_under_way_is_left(text: str, prefix: str, rest: tuple[str, str]) -> None:
    """Where the prefix has as many sentences as the text before it; else both stay whole."""
    assert ct2_sentences.last_sentence(text, prefix) == rest


def test_sentences_are_packed_into_few_parts() -> None:
    """As many as fit go together; one that is too large by itself stays whole."""
    text = "First. Second. A very long sentence. Third. Fourth."
    assert ct2_sentences.packed(text, len, 15) == ["First. Second. ", "A very long sentence. ", "Third. Fourth."]
    assert ct2_sentences.packed(text, len, 100) == [text]
