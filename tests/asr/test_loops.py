import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.hypothesis import Word, text_of
from asr.loops import LoopOptions, find_loop, key_of, without_loops

OPTIONS = LoopOptions()
WORD_SAMPLES = 4_000


def said(text: str, word_samples: int = WORD_SAMPLES) -> list[Word]:
    """Words of equal length, one after the other."""
    return [
        Word(word, index * word_samples, (index + 1) * word_samples, 1.0) for index, word in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "we meet again on monday and again on tuesday",
        "no no no no",
        "No, no. NO! no?",
        "thank you thank you thank you",
        "row row row your boat",
        "that that is is that that is not is not",
    ],
)
def test_people_repeat_themselves(text: str) -> None:
    """What people say is no loop, though they say some things several times."""
    assert find_loop(said(text), OPTIONS) is None


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        ("no no no no no", 1, 5),
        ("well then no, No. NO! no no and then", 3, 7),
        ("I think I think I think I think so", 2, 8),
        ("so I think I think I think I think I", 3, 10),
        ("thank you for watching " * 4, 4, 16),
        ("♪ ♪ ♪ ♪ ♪", 1, 5),
    ],
)
def test_a_loop_is_what_is_repeated_too_often(text: str, start: int, stop: int) -> None:
    """All repetitions belong to the loop, also a half one at its end; what is repeated does not."""
    assert find_loop(said(text), OPTIONS) == slice(start, stop)


def test_a_repetition_that_takes_no_time_is_a_loop() -> None:
    """A word said again within an instant was not said; said for the first time, it may have been short."""
    words = [Word("oh", 0, 0), Word("we", 0, 4_000), Word("think", 4_000, 8_000)]
    assert find_loop(words, OPTIONS) is None
    again = [Word("we", 8_000, 12_000), Word("think", 12_000, 12_100)]
    assert find_loop([*words, *again], OPTIONS) == slice(3, 5)


def test_without_loops_the_rest_stays() -> None:
    """Each loop leaves what it repeats, and what follows it is kept."""
    words = said("no no no no no no I said stop stop stop stop stop now")
    assert text_of(without_loops(words, OPTIONS)) == "no I said stop now"


def test_a_loop_may_have_begun_earlier() -> None:
    """Of a loop that goes through the seam, nothing more is taken."""
    words = said("you said no no no no no wait")
    assert text_of(without_loops(words[5:], OPTIONS, earlier=words[:5])) == "wait"


def test_case_and_punctuation_do_not_matter() -> None:
    """A word is the same at a sentence's beginning and end; a sign without letters is itself."""
    assert key_of(Word("Well,", 0, 1)) == key_of(Word("well", 0, 1)) == "well"
    assert key_of(Word("♪", 0, 1)) == "♪"


@given(st.lists(st.sampled_from("abc"), max_size=40).map(" ".join), st.integers(0, 40))
def test_words_without_loops_have_none(text: str, seam: int) -> None:
    """Whatever was said, and wherever it is cut in two: no loop is left, nor in any beginning."""
    words = said(text)
    earlier = without_loops(words[:seam], OPTIONS)
    kept = [*earlier, *without_loops(words[seam:], OPTIONS, earlier)]
    assert all(find_loop(kept[:count], OPTIONS) is None for count in range(len(kept) + 1))
