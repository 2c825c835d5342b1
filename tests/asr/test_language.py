"""Which language is being spoken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.hypothesis import Hypothesis, Word
from asr.language import Heard, LanguageTracker

SPANISH = "la reunión empieza el lunes por la mañana"


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(word, index, index + 1) for index, word in enumerate(text.split()))


def said(language: str, probability: float = 0.0, text: str = "long enough to be told") -> Hypothesis:
    return Hypothesis(words(text), language=language, language_probability=probability)


def spoken(tracker: LanguageTracker, *hypotheses: Hypothesis) -> list[str]:
    """The languages of some segments, each of one hypothesis."""
    languages = []
    for hypothesis in hypotheses:
        heard = tracker.heard(hypothesis, hypothesis.words)
        languages.append(tracker.decide(heard, is_last=True))
        tracker.leave(languages[-1], heard)
    return languages


def test_the_first_segment_is_what_it_seems_to_be() -> None:
    """If it says nothing of its language, the first candidate counts."""
    assert spoken(LanguageTracker(["en", "es"]), said("es", 0.6)) == ["es"]
    assert spoken(LanguageTracker(["en", "es"]), said("es", 0.4)) == ["en"]
    assert spoken(LanguageTracker(["en", "es"]), said("pt", 1.0)) == ["en"]


def test_a_very_sure_segment_changes_the_language_at_once() -> None:
    """If its text is long enough."""
    assert spoken(LanguageTracker(["en", "es"], "en"), said("es", 0.95)) == ["es"]
    assert spoken(LanguageTracker(["en", "es"], "en"), said("es", 0.95, "no no")) == ["en"]


def test_two_segments_in_a_row_that_agree_change_it() -> None:
    """Not so two with another one in between; one that says nothing is no other one."""
    tracker = LanguageTracker(["en", "es", "ca"], "en")
    assert spoken(tracker, said("es", 0.6), said("en", 0.6), said("es", 0.6)) == ["en"] * 3
    assert spoken(tracker, said("", 0.0, "ok"), said("es", 0.6)) == ["en", "es"]
    assert spoken(tracker, said("ca", 0.6), said("en", 0.6), said("ca", 0.6)) == ["es", "es", "es"]


def test_a_language_that_is_no_candidate_never_wins() -> None:
    """However sure and often; it is told once in a row."""
    tracker = LanguageTracker(["en", "es"], "en")
    stray = tracker.heard(said("pt", 0.99), words("long enough to be told"))
    assert [tracker.decide(stray, is_last=True) for _ in range(3)] == ["en"] * 3
    assert [tracker.leave("en", stray) for _ in range(3)] == ["pt", "", ""]
    assert tracker.leave("en", Heard("en", 0.9, 20)) == ""
    assert tracker.leave("en", stray) == "pt"


def test_what_the_model_names_is_a_candidate_by_its_primary_language() -> None:
    """And called as the candidate is."""
    tracker = LanguageTracker(["en-GB", "pt-BR", "pt"])
    assert [tracker.heard(said(code, 0.9), ()).language for code in ("en", "pt", "pt-PT", "fr")] == [
        "en-GB",
        "pt",
        "pt-BR",
        "fr",
    ]


def test_where_the_model_does_not_say_the_text_tells() -> None:
    """Unless it is too short, or the candidates cannot be told by their texts."""
    tracker = LanguageTracker(["en", "es"], "en")
    assert spoken(tracker, said("", 0.0, SPANISH)) == ["es"]
    assert tracker.heard(said(""), words("hola a todos")) == Heard(letter_count=10)
    assert LanguageTracker(["xx", "es"]).heard(said(""), words(SPANISH)).probability == 0
    many = LanguageTracker(["en", "es", "fr", "de", "it", "pt", "ca", "eu", "nl"])
    assert many.heard(said(""), words(SPANISH)).probability == 0


def test_a_segment_stays_undecided_until_it_can_be_told() -> None:
    """What is expected is decided at the first words, anything else when it is sure, or lasts long enough."""
    tracker = LanguageTracker(["en", "es"], "en")
    assert tracker.decide(Heard("en", 0.6, 2), is_last=False) == "en"
    assert tracker.decide(Heard("en", 0.6, 0), is_last=False) == ""
    assert tracker.decide(Heard("es", 0.95, 10), is_last=False) == ""
    assert tracker.decide(Heard("es", 0.95, 15), is_last=False) == "es"
    assert tracker.decide(Heard("es", 0.6, 44), is_last=False) == ""
    assert tracker.decide(Heard("es", 0.6, 45), is_last=False) == "en"


def test_a_single_language_is_never_in_doubt() -> None:
    """It is known before anything was said."""
    tracker = LanguageTracker(["en"])
    assert tracker.only == tracker.decide(Heard(), is_last=False) == "en"
    assert LanguageTracker(["en", "es"]).only == ""


@pytest.mark.parametrize(("current", "other", "language"), [("en", "es", "es"), ("en", "", "en"), ("fr", "", "es")])
def test_a_session_goes_on_where_it_was(current: str, other: str, language: str) -> None:
    """What was heard before a break counts after it; a language that is no candidate any more does not."""
    assert spoken(LanguageTracker(["en", "es"], current, other), said("es", 0.6)) == [language]


@given(
    st.lists(
        st.builds(Heard, st.sampled_from(["", "en", "es", "pt"]), st.floats(0, 1), st.integers(0, 60)), max_size=20
    ),
    st.integers(0, 20),
)
def test_it_can_be_taken_up_between_any_two_segments(segments: list[Heard], cut: int) -> None:
    """With the two languages that are remembered all others are as they would have been."""

    def run(tracker: LanguageTracker, segments: list[Heard]) -> list[tuple[str, str]]:
        languages = []
        for heard in segments:
            language = tracker.decide(heard, is_last=True)
            languages.append((language, tracker.leave(language, heard)))
        return languages

    candidates = ["en", "es"]
    whole, first = LanguageTracker(candidates), LanguageTracker(candidates)
    before = run(first, segments[:cut])
    after = run(LanguageTracker(candidates, first.current, first.other), segments[cut:])
    languages = run(whole, segments)
    assert before + after == languages
    assert {language for language, _ in languages} <= set(candidates)
