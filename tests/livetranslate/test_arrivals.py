import pytest

from livetranslate.arrivals import Arrivals

MESSAGE = 1_600  # 100 ms


def test_lag_is_the_time_since_the_arrival() -> None:
    """The lag of audio is the time since the message that completed it came in."""
    arrivals = Arrivals()
    for number in range(10):
        arrivals.receive((number + 1) * MESSAGE, now=float(number))
    assert arrivals.lag(3 * MESSAGE, now=20) == 18
    assert arrivals.lag(3 * MESSAGE + 1, now=20) == 17
    assert arrivals.lag(10 * MESSAGE, now=20) == 11


def test_begins_anywhere() -> None:
    """A session that is taken up again counts from its first sample."""
    arrivals = Arrivals(1_000_000)
    arrivals.receive(1_000_000 + MESSAGE, now=5)
    assert arrivals.lag(1_000_000 + MESSAGE, now=7) == 2


def test_nothing_received_has_no_lag() -> None:
    """Before audio has come in there is no lag."""
    assert Arrivals().lag(1_000, now=5) == 0


def test_small_messages_are_kept_to_a_tenth_of_a_second() -> None:
    """Messages of 20 ms are told apart to 100 ms: the lag is true to within that."""
    arrivals = Arrivals()
    for number in range(100):
        arrivals.receive((number + 1) * 320, now=number * 0.02)
    for number in range(10, 100):
        true = 2.0 - number * 0.02
        assert arrivals.lag((number + 1) * 320, now=2.0) == pytest.approx(true, abs=0.1)


def test_an_hour_takes_the_room_of_a_minute() -> None:
    """What is kept is bounded; audio older than that counts as its oldest."""
    arrivals = Arrivals()
    for number in range(36_000):
        arrivals.receive((number + 1) * MESSAGE, now=number / 10)
    assert len(arrivals._samples) == len(arrivals._times) == 600
    assert 59 <= arrivals.lag(0, now=3_600) <= 61
