"""The watch over signs of life, on a clock of its own."""

from gateway.store.leases import Leases


def test_who_shows_the_same_sign_for_the_lease_has_lost_it() -> None:
    """An unchanged sign ends the lease after its time; a changing one never."""
    leases: Leases[str] = Leases(5, 2)
    outcomes = [leases.look({"dead": 7, "alive": now}, now) for now in range(7)]
    assert outcomes == [set()] * 5 + [{"dead"}] * 2


def test_no_sign_at_all_is_a_sign_that_does_not_change() -> None:
    """Who has never given a sign loses its lease too."""
    leases: Leases[str] = Leases(2, 2)
    assert [leases.look({"unknown": None}, now) for now in range(3)] == [set(), set(), {"unknown"}]


def test_a_watcher_that_slept_has_not_watched() -> None:
    """A pause of the watcher counts as one step, however long it was."""
    leases: Leases[str] = Leases(5, 2)
    leases.look({"other": 1}, 0)
    assert leases.look({"other": 1}, 1000) == set()


def test_after_an_outage_the_watch_begins_anew() -> None:
    """What was seen before a restart counts for nothing."""
    leases: Leases[str] = Leases(2, 2)
    leases.look({"other": 1}, 0)
    leases.look({"other": 1}, 1)
    leases.restart()
    assert [leases.look({"other": 1}, now) for now in (2, 3, 4)] == [set(), set(), {"other"}]


def test_who_comes_back_is_watched_anew() -> None:
    """One who was gone from the look in between starts with a full lease."""
    leases: Leases[str] = Leases(2, 2)
    leases.look({"other": 1}, 0)
    leases.look({}, 1)
    assert leases.look({"other": 1}, 3) == set()
