"""What dashboards and rules ask for is there to be had: a misspelt name is an empty graph, or a silent alert."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from livetranslate.metrics import CATALOGUE
from tests.k8s.monitoring.files import ROOT, dashboard_expressions, expressions
from tests.k8s.monitoring.promql import parse
from tests.k8s.monitoring.series import known_series, series_of

JOBS = {"gateway", "asr", "mt", "tts", "triton", "keeper"}


@pytest.mark.parametrize("where", expressions())
def test_every_series_and_label_exists(where: str) -> None:
    """It is in the catalogue, under its Prometheus name, or is Triton's or Prometheus's own."""
    known = known_series()
    expression = parse(expressions()[where])
    assert expression.selectors
    for selector in expression.selectors:
        assert selector.series in known
        assert set(selector.matchers) <= known[selector.series]
    assert expression.grouping_labels <= frozenset().union(
        *(known[selector.series] for selector in expression.selectors)
    )


@pytest.mark.parametrize("where", expressions())
def test_every_value_that_a_label_is_compared_with_exists(where: str) -> None:
    """It is one of the scrape jobs, or the services have it in their code."""
    for label, value in _compared(expressions()[where]):
        if label == "job":
            assert value in JOBS
        elif label == "livetranslate_segment_is_final":
            assert value in ("true", "false")
        else:
            assert value in _words_of_the_code(), f"{label}: {value}"


def test_everything_that_is_measured_is_shown() -> None:
    """Each metric of the catalogue is on a dashboard."""
    shown = {selector.series for expr in dashboard_expressions().values() for selector in parse(expr).selectors}
    assert [metric.name for metric in CATALOGUE if shown.isdisjoint(series_of(metric))] == []


def _compared(expr: str) -> Iterator[tuple[str, str]]:
    for selector in parse(expr).selectors:
        if selector.series == "ALERTS":
            continue
        for label, pattern in selector.matchers.items():
            yield from ((label, value) for value in pattern.split("|") if value != ".*")


@cache
def _words_of_the_code() -> set[str]:
    """All short texts in the sources of the services."""
    sources = (
        path for folder in ("livetranslate", "gateway", "asr", "mt", "tts") for path in ROOT.glob(f"{folder}/**/*.py")
    )
    return {word for path in sources for word in re.findall(r'"(\w+)"', path.read_text(encoding="utf-8"))}
