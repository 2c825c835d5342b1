"""Which of the texts that still change are told."""

from dataclasses import replace

import pytest

from gateway.telling import TELL_ALL, Telling
from tests.gateway.bodies import SECOND, draft, final, partial, translated

COMMITTED = Telling(committed_only=True)
SELDOM = Telling(partial_interval_samples=SECOND)
FINALS = Telling(finals_only=True)


def test_everything_that_changes_is_told_as_it_comes() -> None:
    """Unless somebody wishes less."""
    first, second = partial(0, "good"), partial(0, "good morning")
    assert TELL_ALL.shown(first, None) == first
    assert TELL_ALL.shown(second, first) == second
    assert TELL_ALL.shown(draft(0), None) == draft(0)


@pytest.mark.parametrize("telling", [TELL_ALL, COMMITTED, SELDOM, FINALS])
def test_a_final_is_always_told(telling: Telling) -> None:
    """Whatever was told before, and though it says nothing new."""
    assert telling.shown(final(0, "good"), partial(0, committed="good", unstable="")) == final(0, "good")
    assert telling.shown(translated(0, text="adiós"), draft(0, committed="buenos")) == translated(0, text="adiós")


@pytest.mark.parametrize("telling", [TELL_ALL, COMMITTED, SELDOM])
@pytest.mark.parametrize("committed", ["", "good", "god morning"])
def test_what_was_committed_is_not_taken_back(telling: Telling, committed: str) -> None:
    """A hop that has begun anew is heard once it has caught up; one that says something else, when it is final."""
    told = partial(0, committed="good morning")
    assert telling.shown(partial(0, committed=committed), told) is None
    grown = partial(0, committed="good morning everyone", unstable="")
    assert telling.shown(grown, told) == grown


def test_only_what_is_committed_may_be_told() -> None:
    """The text that may change is left out, and what commits nothing is no news."""
    assert COMMITTED.shown(partial(0, "morning"), None) is None
    shown = COMMITTED.shown(partial(0, "morning", committed="good"), None)
    assert shown == partial(0, "", committed="good")
    assert COMMITTED.shown(partial(0, "day", committed="good"), shown) is None
    assert COMMITTED.shown(draft(0, committed="buenos", unstable="días"), None) == draft(0, "es", "buenos", "")


def test_only_what_is_final_may_be_told() -> None:
    """Also where more has been committed meanwhile."""
    assert FINALS.shown(partial(0, committed="good"), None) is None
    assert FINALS.shown(draft(0, committed="buenos"), None) is None


def test_partials_that_commit_nothing_come_no_more_often_than_wished() -> None:
    """Counted in the session's audio, from the last one told; what is committed does not wait."""
    first = partial(0)
    assert SELDOM.shown(first, None) == first
    soon = replace(first, end_sample=first.end_sample + SECOND - 1)
    assert SELDOM.shown(soon, first) is None
    committing = replace(soon, committed_text="good")
    assert SELDOM.shown(committing, first) == committing
    later = replace(first, end_sample=first.end_sample + SECOND)
    assert SELDOM.shown(later, first) == later
