import pytest

from bench.quality.steadiness import committed, normalized_erasure, partial_stability, shown, words_shown
from tests.bench.quality.logs import log, transcript

CHANGING = log(
    transcript(1.2, "", "the my"),
    transcript(1.4, "", "good morning in"),  # takes 2 words back
    transcript(1.6, "good", "morning everyone"),  # takes 1 word back
    transcript(1.8, "Good morning,", "everyone"),  # takes none: only case and punctuation changed
    transcript(2.5, "Good morning, everyone.", is_final=True),
)


def test_erasure_is_words_taken_back_for_each_final_word() -> None:
    """Three of the words that were shown went again, and three are left in the end; none of them was committed."""
    assert normalized_erasure([CHANGING], "transcript", shown) == 1
    assert normalized_erasure([CHANGING], "transcript", committed) == 0


def test_committed_words_that_go_are_told() -> None:
    """A committed text that changes shows in the erasure of what was committed."""
    broken = log(transcript(1.2, "a b"), transcript(2.5, "a c d e", is_final=True))
    assert normalized_erasure([broken], "transcript", committed) == pytest.approx(1 / 4)


def test_stability_is_the_share_of_revisions_that_take_nothing_back() -> None:
    """Two of the four revisions after the first one left all words standing."""
    assert partial_stability([CHANGING], "transcript") == 0.5


def test_what_is_not_there_has_no_figure() -> None:
    """Without final text there is no erasure, and a text that came at once has no stability."""
    assert normalized_erasure([CHANGING], "translation", shown) is None
    assert partial_stability([log(transcript(2.5, "a", is_final=True))], "transcript") is None


def test_words_shown_count_even_if_they_went_again() -> None:
    """The longest text that a segment ever had counts, also where nothing became of it."""
    assert words_shown([log(transcript(1.2, "", "oh my god"), transcript(2.5, "", is_final=True))]) == 3
    assert words_shown([log(), log(transcript(1.2, "", "oh")), log(transcript(1.2, "", "oh"))]) == 2
