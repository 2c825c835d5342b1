"""Text as lines: how long they are, where they break, and that nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.lines import joined, lines_of

WIDTH = 42

words = st.text("abc,.é", min_size=1, max_size=60)
anything = st.text(max_size=300)


def shown(text: str, width: int = WIDTH) -> list[str]:
    """The lines as they stand on the screen."""
    return [line.text for line in lines_of(text, width)]


def test_a_short_text_is_one_line() -> None:
    """What fits is not cut."""
    assert shown("we have three options") == ["we have three options"]
    assert shown("  ") == []


def test_lines_are_balanced() -> None:
    """No word stands alone on a last line."""
    assert shown("this sentence is just a little longer than one line") == [
        "this sentence is just a",
        "little longer than one line",
    ]


def test_a_line_ends_after_punctuation_rather_than_elsewhere() -> None:
    """A clause stays together, though the lines are less even."""
    assert shown("if it rains tomorrow, we will all of us stay at home") == [
        "if it rains tomorrow,",
        "we will all of us stay at home",
    ]


def test_a_text_without_spaces_is_cut() -> None:
    """Japanese breaks between characters, preferably after a mark, and no line starts with one."""
    text = "今日はとても良い天気ですね、皆さんも外に出て散歩をしてみませんか。公園には花がたくさん咲いています。"
    assert shown(text, 19) == [
        "今日はとても良い天気ですね、",
        "皆さんも外に出て散歩をしてみませんか。",
        "公園には花がたくさん咲いています。",
    ]


def test_an_accent_stays_with_its_letter() -> None:
    """A long word is not cut inside what is seen as one character."""
    lines = shown("e\u0301" * 30, 11)
    assert all(line.startswith("e") for line in lines)


@given(anything, st.integers(10, 200))
def test_no_line_is_too_long_and_no_character_is_lost(text: str, width: int) -> None:
    """Whatever the text and the limit, the lines joined are the text with single spaces."""
    lines = lines_of(text, width)
    assert joined(lines) == " ".join(text.split())
    assert all(0 < len(line.text) <= width for line in lines)


@given(st.lists(words, max_size=60).map(" ".join))
def test_a_line_says_where_it_starts(text: str) -> None:
    """The word and the characters of it that stand in lines before."""
    for line in lines_of(text, WIDTH):
        assert line.text.split()[0].startswith(text.split()[line.word][line.offset :][: len(line.text.split()[0])])


@given(st.lists(st.text("abcdef", min_size=1, max_size=12), min_size=1, max_size=60))
def test_there_are_as_few_lines_as_possible(spoken: list[str]) -> None:
    """Balance never costs a line: filling each line to the brim needs as many."""
    count, length = 1, -1
    for word in spoken:
        if length + 1 + len(word) > WIDTH:
            count, length = count + 1, -1
        length += 1 + len(word)
    assert len(lines_of(" ".join(spoken), WIDTH)) == count
