from itertools import islice
from random import Random

from tests.chaos.faults import ESSENTIALS, EVERYTHING, PARTS, fault_rounds


def test_a_seed_decides_what_goes_wrong() -> None:
    """The same seed gives the same faults, another one others."""
    first, again, other = (list(islice(fault_rounds(Random(seed), EVERYTHING), 100)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_each_round_has_everything_once_and_pairs_that_do_not_collide() -> None:
    """Nothing is left to luck but the order; what is dead is not frozen at the same time."""
    faults = list(islice(fault_rounds(Random(1), EVERYTHING), len(EVERYTHING) + len(EVERYTHING) // 5))
    singles = [(one[0].kind, one[0].where) for one in faults if len(one) == 1]
    pairs = [pair for pair in faults if len(pair) == 2]
    assert sorted(singles) == sorted(EVERYTHING)
    assert len(pairs) == len(EVERYTHING) // 5
    assert all(first.where != second.where for first, second in pairs)


def test_the_essentials_kill_every_part() -> None:
    """The short form leaves no process alive."""
    assert {where for kind, where in ESSENTIALS if kind == "kill -9"} == set(PARTS)
