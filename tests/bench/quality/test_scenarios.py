import pytest

from bench.quality.scenarios import QUICK, SCENARIOS
from tests.asr.talk import needs_talk


@needs_talk
def test_the_talk_is_played_by_both_policies() -> None:
    """The same material; only one of them is held to the aims."""
    clauses, segments = SCENARIOS["talk"](True)
    assert [play.policy for scenario in (clauses, segments) for play in scenario.plays] == ["clauses", "segments"]
    assert clauses.plays[0].material is segments.plays[0].material
    assert clauses.aims
    assert not segments.aims


def test_nothing_is_sent_as_fast_as_it_is_taken() -> None:
    """Words that are made up do not depend on the pace."""
    told = list(SCENARIOS["nothing"](True))
    assert len(told) >= 5
    assert not any(play.is_paced for scenario in told for play in scenario.plays)


@pytest.mark.parametrize("name", QUICK)
def test_quick_scenarios_are_scenarios(name: str) -> None:
    """What is measured where there is little time can be chosen by name, too."""
    assert name in SCENARIOS
