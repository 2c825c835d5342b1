"""Where a transcript is cut into clauses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livetranslate.glossary import Glossary, Term
from livetranslate.samples import samples_of_ms
from mt.clauses import _LIMIT_WORDS, Clause, ClauseCutter
from mt.job import Segment, SourceWord

NO_TERMS = Glossary()


def clauses(text: str, language: str = "en", glossary: Glossary = NO_TERMS, words: tuple[SourceWord, ...] = ()) -> str:
    """The clauses of a final text, parted by bars."""
    segment = Segment("1", 1, text, is_final=True, words=words)
    return " | ".join(clause.text for clause in ClauseCutter(language, glossary).cut(segment))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "That is good news | but the cost of paper has also gone up"),
        ("en", "Please tell me | where the train station is"),
        ("en", "The first question is how much money we need"),
        ("en", "They live in the house in which we met"),
        ("en", "We have two dogs | and because it rains they sleep"),
        ("en", "Last month we sold more than three thousand books | in seven countries"),
        ("es", "Hoy no vendrá nadie | porque está cerrado"),
        ("fr", "Il ferme la porte | lorsqu'il sort"),
        ("fi", "Hän tulee huomenna koska sataa"),
    ],
)
def test_words_open_clauses(language: str, expected: str) -> None:
    """A clause ends before a word that opens one, or a phrase where it is long, but never after one that binds."""
    assert clauses(expected.replace(" | ", " "), language) == expected


@pytest.mark.parametrize(
    "expected",
    [
        "Yes. | We go home. | Now",
        "I met Mr. Smith there",
        "On this day, | they came home",
        "Well, he came",
        "If you want the, let us say",
    ],
)
def test_marks_end_clauses(expected: str) -> None:
    """Sentences end clauses, however short; commas those of three words; abbreviations and numbers none."""
    assert clauses(expected.replace(" | ", " ")) == expected.replace("the, let", "the, | let")


def test_text_without_spaces_is_cut_between_sentences() -> None:
    """A sentence ends where its mark says so, though no space follows."""
    assert clauses("今日は元気です。明日は雨です", "ja") == "今日は元気です。 | 明日は雨です"


@pytest.mark.parametrize(("pause_ms", "expected"), [(299, "one two three four"), (300, "one two three | four")])
def test_a_pause_ends_a_clause(pause_ms: int, expected: str) -> None:
    """Where a speaker pauses between two words a clause ends, if it has three words."""
    starts = [0, 1000 + pause_ms, 2000 + 2 * pause_ms, 3000 + 3 * pause_ms]
    words = tuple(
        SourceWord(text, samples_of_ms(start), samples_of_ms(start + 1000))
        for text, start in zip(("one", "two", "three", "four"), starts, strict=True)
    )
    assert clauses("one two three four", words=words) == expected


def test_no_pause_ends_a_clause_after_an_article() -> None:
    """Who looks for a word after "the" has not finished."""
    words = tuple(
        SourceWord(text, samples_of_ms(1000 * place), samples_of_ms(1000 * place + 100))
        for place, text in enumerate(("we", "saw", "the", "cat"))
    )
    assert clauses("we saw the cat", words=words) == "we saw the cat"


def test_a_long_clause_is_cut() -> None:
    """A clause without any place to cut ends after twelve words, later where these bind, and at last in any case."""
    assert clauses(" ".join(["cat"] * 14)) == f"{' '.join(['cat'] * 12)} | cat cat"
    assert clauses(" ".join([*["cat"] * 11, "the", "cat", "cat"])) == f"{'cat ' * 11}the cat | cat"
    assert clauses(" ".join(["the"] * 30)) == f"{' '.join(['the'] * _LIMIT_WORDS)} | {' '.join(['the'] * 6)}"


TERMS = Glossary((Term("terms and conditions of use"), Term("cats and dogs")))


@pytest.mark.parametrize(
    "expected",
    [
        "please read the terms and conditions of use | and sign here",
        "please love all cats and dogs | and others",
        "please love all cats and people",
        "please read the terms and conditions carefully | and sign here",
        "those are the terms | but nobody reads",
    ],
)
def test_a_term_is_never_cut(expected: str) -> None:
    """A clause does not end inside a term of the glossary; nor where the next word might belong to one."""
    assert clauses(expected.replace(" | ", " "), glossary=TERMS) == expected


def test_terms_do_not_make_clauses_endless() -> None:
    """A term that could go on for ever ends with the longest clause."""
    text = " ".join(["ho"] * 30)
    assert clauses(text, glossary=Glossary((Term("ho ho"),))).count(" | ") == 1


def test_a_sentence_may_be_the_unit() -> None:
    """Cut into sentences, a text is cut nowhere else."""
    cutter = ClauseCutter("en", NO_TERMS, into_sentences=True)
    text = "We came late, because it rained and rained. Then we left"
    found = cutter.cut(Segment("1", 1, text, is_final=True))
    assert [clause.text for clause in found] == ["We came late, because it rained and rained.", "Then we left"]


def test_a_clause_waits_for_the_word_after_it() -> None:
    """A clause is complete when the next word is there; the final text completes the last."""
    cutter = ClauseCutter("en", NO_TERMS)
    assert cutter.cut(Segment("1", 1, "We went home.")) == []
    words = (SourceWord("We", 0, 5), SourceWord("went", 5, 10), SourceWord("home.", 10, 20))
    assert cutter.cut(Segment("1", 2, "We went home. Then", words=words)) == [Clause("We went home.", 0, 20)]
    assert cutter.end == 13
    assert cutter.cut(Segment("1", 3, "We went home. Then.", is_final=True)) == [Clause("Then.", 14, 0)]
    assert cutter.cut(Segment("1", 3, "We went home. Then.", is_final=True)) == []


WORDS = st.sampled_from(
    ["we", "the", "cat", "and", "because", "Mr.", "left.", "home,", "of", "3.5", "in", "dogs", "so", "that", "¿eh?"]
)


@st.composite
def portions(draw: st.DrawFn) -> list[Segment]:
    """A transcript that grows word by word or faster, its words timed, and closes with a mark at last."""
    texts = draw(st.lists(WORDS, min_size=1, max_size=60))
    pauses = draw(st.lists(st.sampled_from([0, 100, 400]), min_size=len(texts), max_size=len(texts)))
    words: list[SourceWord] = []
    for text, pause in zip(texts, pauses, strict=True):
        start = (words[-1].end_sample if words else 0) + samples_of_ms(pause)
        words.append(SourceWord(text, start, start + 1000))
    ends = draw(st.sets(st.integers(0, len(words)))) | {len(words)}
    revisions = [Segment("1", end, " ".join(texts[:end]), words=tuple(words[:end])) for end in sorted(ends)]
    mark = draw(st.sampled_from(["", "."]))
    last = SourceWord(texts[-1] + mark, words[-1].start_sample, words[-1].end_sample)
    text = " ".join(texts) + mark
    return [*revisions, Segment("1", 99, text, is_final=True, words=(*words[:-1], last))]


@given(portions(), st.booleans())
def test_clauses_are_the_same_whatever_the_portions(revisions: list[Segment], has_terms: bool) -> None:
    """A transcript that grows gives the clauses of the whole one, and they are all of its text."""
    glossary = TERMS if has_terms else NO_TERMS
    growing = ClauseCutter("en", glossary)
    found = [clause for revision in revisions for clause in growing.cut(revision)]
    assert found == ClauseCutter("en", glossary).cut(revisions[-1])
    assert " ".join(clause.text for clause in found) == revisions[-1].committed_text
    assert all(len(clause.text.split()) <= _LIMIT_WORDS for clause in found)
