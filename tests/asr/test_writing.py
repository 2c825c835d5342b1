"""Words written as sentences."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.hypothesis import Word, text_of
from asr.writing import Place, Writer

ENGLISH = Place("en-GB")
TERMS = ["New York", "iPhone", "open source"]
SPOKEN = st.lists(
    st.one_of(
        st.sampled_from(["i", "i'm", "fridays", "new", "york", "is", "it", "open", "source", "¿qué", "ǆ", "日本"]),
        st.text(),
    ),
    max_size=10,
)


def said(text: str) -> list[Word]:
    return [Word(word, 100 * index, 100 * index + 90, 0.5) for index, word in enumerate(text.split())]


def final(text: str, place: Place = ENGLISH) -> str:
    """A final text in which the sentence ends."""
    ended = replace(place, ends_sentence=True)
    return text_of(Writer(TERMS).write(said(text), (), ended, is_final=True)[0])


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("good morning everyone", "Good morning everyone."),
        ("can i come in", "Can I come in?"),
        ("i'm sure i'll come", "I'm sure I'll come."),
        ("we go to new york", "We go to New York."),
        ("on fridays i speak spanish not in may", "On Fridays I speak Spanish not in may."),
        ("friday's train", "Friday's train."),
        ("iphone or not", "iPhone or not."),
        ("open source is it", "Open source is it."),
        ("'cause it is", "'Cause it is."),
        ("3d films", "3d films."),
        ("that is all.", "That is all."),
        ("", ""),
    ],
)
def test_a_segment_is_a_sentence(text: str, written: str) -> None:
    """Capital letter, "I", terms, and the mark that ends it."""
    assert final(text) == written


@pytest.mark.parametrize(
    ("text", "language", "written"),
    [
        ("qué hora es", "es", "Qué hora es."),
        ("i la casa", "ca", "I la casa."),
        ("élan vital", "fr", "Élan vital."),
        ("привет мир", "ru", "Привет мир."),
        ("გამარჯობა", "ka", "გამარჯობა."),
        ("你好 世界", "zh", "你好世界"),
        ("नमस्ते", "hi", "नमस्ते"),
    ],
)
def test_other_languages_get_a_capital_and_a_full_stop(text: str, language: str, written: str) -> None:
    """Questions are only known in English; scripts without capitals are left alone."""
    assert final(text, Place(language)) == written


def test_what_was_cut_goes_on() -> None:
    """The first segment has no mark, the second one no capital letter; and it is no question of its own."""
    assert text_of(Writer().write(said("we go"), (), ENGLISH, is_final=True)[0]) == "We go"
    assert final("is it open", Place("en", is_continued=True)) == "is it open."


def test_words_keep_their_times_and_confidence() -> None:
    """Only how they are written changes."""
    committed, unstable = Writer().write(said("hello there"), said("i said"), ENGLISH, is_final=False)
    assert committed[0] == Word("Hello", 0, 90, 0.5)
    assert text_of(unstable) == "I said"


def test_the_unstable_text_is_written_alike() -> None:
    """With a capital letter where it begins, without a mark where it ends."""
    assert text_of(Writer().write((), said("hello i"), ENGLISH, is_final=False)[1]) == "Hello I"


def test_half_a_term_is_not_committed_yet() -> None:
    """It is shown among the unstable words until the next word decides."""
    writer = Writer(TERMS)
    committed, unstable = writer.write(said("in new"), said("york we"), ENGLISH, is_final=False)
    assert (text_of(committed), text_of(unstable)) == ("In", "New York we")


@given(SPOKEN, SPOKEN, SPOKEN, st.booleans(), st.builds(Place, st.sampled_from(["en", "es", "ja"]), st.booleans()))
def test_committed_text_only_grows(
    before: list[str], more: list[str], unstable: list[str], is_final: bool, place: Place
) -> None:
    """What was written of the first words is the beginning of what is written of all, up to the closing mark."""
    writer = Writer(TERMS)
    words, tail = [[Word(text, 0, 0) for text in texts] for texts in (before + more, unstable)]
    earlier, _ = writer.write(words[: len(before)], tail, place, is_final=False)
    ended = replace(place, ends_sentence=is_final)
    later, _ = writer.write(words, (), ended, is_final=is_final)
    assert text_of(later).startswith(text_of(earlier))
