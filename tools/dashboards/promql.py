"""The few forms of PromQL that the panels need, each limited to the namespace that is looked at."""

from collections.abc import Mapping

_INTERVAL = "$__rate_interval"
_PERCENTILES = (50, 95, 99)


def total(metric: str, matchers: str = "", *, by: str = "") -> str:
    """A gauge, over all replicas."""
    return f"sum{_by(by)} ({_selected(metric, matchers)})"


def highest(metric: str, matchers: str = "", *, by: str = "") -> str:
    """A gauge, of the replica where it is highest."""
    return f"max{_by(by)} ({_selected(metric, matchers)})"


def per_second(counter: str, matchers: str = "", *, by: str = "") -> str:
    """How fast a counter grows, over all replicas."""
    return f"sum{_by(by)} ({_rate(counter, matchers)})"


def mean(histogram: str, matchers: str = "", *, by: str = "") -> str:
    """The mean of what a histogram counted."""
    return f"{per_second(f'{histogram}_sum', matchers, by=by)} / {per_second(f'{histogram}_count', matchers, by=by)}"


def percentile(percent: int, histogram: str, matchers: str = "", *, by: str = "") -> str:
    """What so many percent of a histogram stay below."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({percent / 100:g}, {per_second(f'{histogram}_bucket', matchers, by=labels)})"


def percentiles(histogram: str, matchers: str = "") -> Mapping[str, str]:
    """The usual ones, by legend."""
    return {f"p{percent}": percentile(percent, histogram, matchers) for percent in _PERCENTILES}


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def _rate(counter: str, matchers: str) -> str:
    return f"rate({_selected(counter, matchers)}[{_INTERVAL}])"


def _selected(metric: str, matchers: str) -> str:
    matchers = f", {matchers}" if matchers else ""
    return f'{metric}{{namespace=~"$namespace"{matchers}}}'
