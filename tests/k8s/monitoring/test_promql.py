from tests.k8s.monitoring.promql import Selector, parse


def test_series_are_found_with_what_their_labels_are_compared_with() -> None:
    """Functions, aggregations, ranges and numbers are none."""
    expression = parse('histogram_quantile(0.95, sum by (job, le) (rate(a_bucket{job=~"x|y", le!=""}[5m]))) > 1e-3')
    assert expression.selectors == [Selector("a_bucket", {"job": "x|y", "le": ""})]
    assert expression.grouping_labels == {"job", "le"}


def test_operators_between_series_are_none() -> None:
    """All sides of an expression are read."""
    expression = parse("a unless on (b) c / ignoring(d) group_left (e) f offset 5m or absent(g) and bool:h")
    assert [selector.series for selector in expression.selectors] == ["a", "c", "f", "g", "bool:h"]
    assert expression.grouping_labels == {"b", "d", "e"}
