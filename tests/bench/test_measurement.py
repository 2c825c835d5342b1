from bench.measurement import Measurement, Percentiles, Window, summarize


def test_percentiles_of_each_kind() -> None:
    """Figures are summed up by name, in milliseconds, by nearest rank."""
    lags = [Measurement("lag", 1.0, number / 1000) for number in range(100, 0, -1)]
    slips = [Measurement("slip", 1.0, 0.002)]
    assert summarize(lags + slips, Window(0, 2)) == {
        "lag": Percentiles(100, 50, 95, 99),
        "slip": Percentiles(1, 2, 2, 2),
    }


def test_only_the_window_counts() -> None:
    """What was taken before the window's start, or at its end, is left out."""
    figures = [Measurement("lag", at, at) for at in (0.9, 1.0, 1.9, 2.0)]
    assert summarize(figures, Window(1, 2)) == {"lag": Percentiles(2, 1000, 1900, 1900)}
    assert Window(1, 2.5).seconds == 1.5
