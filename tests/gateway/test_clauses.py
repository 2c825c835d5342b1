"""A translation on its way through tts, clause by clause."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.clauses import Clauses
from gateway.events import SpokenClause, Translation
from tests.gateway.bodies import SECOND, draft, translated


def revision(committed: str, source_end: float = 0, *, is_final: bool = False, end: float = 4) -> Translation:
    """A translation of a segment that starts in the second second and has come up to `end`."""
    body = translated(1, text=committed) if is_final else draft(1, committed=committed)
    return replace(
        body,
        start_sample=SECOND,
        end_sample=round(end * SECOND),
        source_end_sample=round(source_end * SECOND),
        traceparent="trace",
    )


def given_out(clauses: Clauses, *revisions: Translation, is_spoken: bool = True) -> list[SpokenClause]:
    return [clause for each in revisions for clause in clauses.receive(each, is_spoken=is_spoken)]


def said(clauses: list[SpokenClause]) -> list[str]:
    return [clause.text for clause in clauses]


def test_a_translation_is_spoken_as_it_is_committed() -> None:
    """Each clause has what was added, from where the one before ends; drafts add nothing."""
    found = given_out(
        Clauses(),
        revision(""),
        revision("Buenos días,", 2),
        revision("Buenos días,", 2),
        revision("Buenos días, a todos.", 3.5, is_final=True),
    )
    first = SpokenClause(
        segment_id=revision("").segment_id,
        language="es",
        clause=0,
        text="Buenos días,",
        is_segment_end=False,
        start_sample=SECOND,
        end_sample=2 * SECOND,
        traceparent="trace",
    )
    second = replace(first, clause=1, text="a todos.", is_segment_end=True, start_sample=2 * SECOND, end_sample=56_000)
    assert found == [first, second]


def test_where_mt_does_not_know_a_clause_ends_with_the_segment_so_far() -> None:
    """And the next one starts there."""
    found = given_out(Clauses(), revision("Buenos", end=2), revision("Buenos días", is_final=True))
    assert [(clause.start_sample, clause.end_sample) for clause in found] == [
        (SECOND, 2 * SECOND),
        (2 * SECOND, 4 * SECOND),
    ]


def test_a_final_that_adds_nothing_says_that_nothing_follows() -> None:
    """By a clause without words, where anything was spoken."""
    assert given_out(Clauses(), revision("", is_final=True)) == []
    first, last = given_out(Clauses(), revision("Buenos días.", 2), revision("Buenos días.", 2, is_final=True))
    assert last == replace(first, clause=1, text="", is_segment_end=True, start_sample=first.end_sample)


def test_a_translation_that_is_given_up_is_closed() -> None:
    """Once, and only where anything was spoken."""
    clauses = Clauses()
    assert list(clauses.close()) == []
    given_out(clauses, revision("Buenos días,"))
    [last] = clauses.close()
    assert (last.clause, last.text, last.is_segment_end) == (1, "", True)
    assert list(clauses.close()) == []
    assert said(clauses.unspoken) == ["Buenos días,", ""]


@pytest.mark.parametrize(
    ("final", "rest"),
    [
        ("Buenos días, a todos.", "a todos."),  # as before
        ("Buenas tardes, a todos.", "a todos."),
        ("Muy buenos días a todos.", "a todos."),
        ("Buenas", ""),
        ("早上好早上好早上好早上好早上好。", "早上好。"),
    ],
)
def test_what_was_said_is_not_said_again(final: str, rest: str) -> None:
    """Of a translation whose words have become others only what is behind as many characters."""
    clauses = Clauses()
    given_out(clauses, revision("Buenos días,"))
    assert said(given_out(clauses, revision(final, is_final=True))) == [rest]


def test_speech_that_is_switched_on_begins_with_the_next_clause() -> None:
    """What was committed before is not said; the numbers start with what is."""
    clauses = Clauses()
    assert given_out(clauses, revision("Buenos días,", 2), is_spoken=False) == []
    [clause] = given_out(clauses, revision("Buenos días, a todos.", 3, is_final=True))
    assert (clause.clause, clause.text, clause.start_sample) == (0, "a todos.", 2 * SECOND)


def test_a_clause_is_owed_until_it_is_heard_to_its_end() -> None:
    """With one, those before it are done; one that cannot be spoken is not waited for."""
    clauses = Clauses()
    given_out(clauses, revision("a"), revision("a b"), revision("a b c"), revision("a b c d", is_final=True))
    assert [clauses.awaited(clause) is not None for clause in (0, 3, 4)] == [True, True, False]
    clauses.settle(1)
    assert said(clauses.unspoken) == ["c", "d"]
    assert clauses.awaited(1) is None
    clauses.give_up()
    assert said(clauses.unspoken) == ["d"]
    clauses.settle(3)
    clauses.give_up()
    assert clauses.unspoken == []


WORDS = st.lists(st.text("abcñ漢", min_size=1, max_size=3), max_size=12)


@given(WORDS, st.data())
def test_whatever_is_cut_wherever_all_of_it_is_said_once(words: list[str], data: st.DataObject) -> None:
    """Also when mt begins anew at any moment: what it says again is passed over before it comes here."""
    clauses = Clauses()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(words)), max_size=5)))
    found = given_out(clauses, *(revision(" ".join(words[:cut])) for cut in cuts))
    found += given_out(clauses, revision(" ".join(words), is_final=True))
    assert [word for clause in found for word in clause.text.split()] == words
    assert [clause.clause for clause in found] == list(range(len(found)))
    assert [clause.is_segment_end for clause in found] == [False] * (len(found) - 1) + [True] * bool(found)
