import pytest

from tests.model_repository.loading import load_sibling

piper_phonemes = load_sibling("tts_piper", "piper_phonemes")

IDS = {"_": [0], "^": [1], "$": [2], " ": [3], ".": [4], "a": [5], "b": [6, 7]}


@pytest.mark.parametrize(
    ("clauses", "phonemes"),
    [
        ([("a", "A")], "a"),
        ([("a", "A.")], "a."),
        ([("a", 'A "b."')], "a."),
        ([("a", "A, b"), ("b", "ob?")], "a, b?"),
        ([("a", "A; b"), ("b", "B: c"), ("a", "c!")], "a; b: a!"),
        ([("a", "Dr. B"), ("b", "ob.")], "a b."),
        ([("a", "A... b"), ("b", "B")], "a, b"),
        ([("a", "A? b"), ("b", "B")], "a? b"),
        ([("a", "A b"), ("b", "B")], "a b"),
        ([("a", 'A."'), ("", "")], "a."),
        ([("a", "你好，世"), ("b", "界。")], "a, b."),  # noqa: RUF001 - as it is written
        ([("a", "A — b"), ("b", "B")], "a; b"),
        ([("", "...")], "."),
        ([], ""),
    ],
)
def test_clauses_are_joined_with_their_marks(clauses: list[tuple[str, str]], phonemes: str) -> None:
    """Marks are kept, those of other scripts as ASCII; a full stop inside a sentence is an abbreviation's."""
    assert "".join(piper_phonemes.join_clauses(clauses, {})) == phonemes


def test_phonemes_are_decomposed() -> None:
    """A letter with a tilde is two phonemes."""
    assert piper_phonemes.join_clauses([("ã", "ã")], {}) == ["a", "\u0303"]


def test_language_switches_are_no_phonemes() -> None:
    """Foreign words come with the names of languages around them."""
    assert "".join(piper_phonemes.join_clauses([("(en)ab(es) a", "x")], {})) == "ab a"


def test_a_voice_may_have_other_phonemes() -> None:
    """One phoneme may become several."""
    assert piper_phonemes.join_clauses([("ca", "x")], {"c": ("k", "h")}) == ["k", "h", "a"]


def test_letters_are_lower_case_and_decomposed() -> None:
    """As the voices that read letters were trained."""
    assert piper_phonemes.letters("Її") == ["і", "\u0308"] * 2  # noqa: RUF001 - Ukrainian


def test_ids_are_padded_and_framed() -> None:
    """Beginning, padding after each id group, end; what the voice does not know is left out."""
    assert piper_phonemes.phoneme_ids(list("ab?."), IDS) == [1, 0, 5, 0, 6, 7, 0, 4, 0, 2]


@pytest.mark.parametrize("phonemes", ["", ".", " . ", "xyz"])
def test_what_has_no_sound_has_no_ids(phonemes: str) -> None:
    """The network is not asked for it."""
    assert piper_phonemes.phoneme_ids(list(phonemes), IDS) == []
