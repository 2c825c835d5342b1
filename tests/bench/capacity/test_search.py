import pytest

from bench.capacity.search import Search


def found(search: Search, capacity: int) -> list[int]:
    """The numbers tried, where so many are carried."""
    tried = []
    while (count := search.count()) is not None:
        tried.append(count)
        search.receive(count, is_carried=count <= capacity)
    return tried


def test_numbers_grow_until_one_is_not_carried() -> None:
    """Then the gap is halved until it is small enough."""
    search = Search(first=80, most=1_000)
    assert found(search, 150) == [80, 120, 180, 150, 165, 157]
    assert (search.carried, search.refused) == (150, 157)


@pytest.mark.parametrize("capacity", range(40))
def test_small_numbers_are_found_exactly(capacity: int) -> None:
    """Down to none at all, whatever was guessed."""
    search = Search(first=8, most=1_000, precision=0)
    found(search, capacity)
    assert search.carried == capacity


def test_the_largest_number_is_a_bound() -> None:
    """Nothing beyond it is tried, and when it is carried all is known."""
    search = Search(first=80, most=100)
    assert found(search, 1_000) == [80, 100]
    assert search.carried == 100
