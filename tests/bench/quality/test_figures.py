from bench.quality.figures import Spread, flat, present


def test_percentiles_are_values_that_occurred() -> None:
    """Of 1 to 100 the percentiles are the numbers themselves."""
    assert Spread.of(range(100, 0, -1)) == Spread(100, 50, 95, 99)
    assert Spread.of([0.25]) == Spread(1, 0.25, 0.25, 0.25)


def test_what_was_not_measured_is_left_out() -> None:
    """No values give no spread, and no spread no figure."""
    assert present({"lag": Spread.of([]), "rate": 0.0}) == {"rate": 0.0}


def test_each_number_has_a_name() -> None:
    """The percentiles of a spread are told apart by a dot."""
    numbers = flat({"lag": Spread(3, 1.0, 2.0, 3.0), "rate": 0.5})
    assert numbers == {"lag.count": 3, "lag.p50": 1.0, "lag.p95": 2.0, "lag.p99": 3.0, "rate": 0.5}
