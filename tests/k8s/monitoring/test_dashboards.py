import json
import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.k8s.monitoring.files import MONITORING, dashboards, panels
from tests.k8s.monitoring.promql import parse
from tools.dashboards.__main__ import main


def test_dashboards_are_what_their_code_says(tmp_path: Path) -> None:
    """Nobody has changed the JSON by hand, nor forgotten to write it."""
    main(tmp_path)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_text(encoding="utf-8") for path in (MONITORING / "dashboards").iterdir()}
    assert written == shipped


def test_dashboards_can_be_told_apart() -> None:
    """No two have one id or one title."""
    for key in ("uid", "title"):
        assert max(Counter(dashboard[key] for dashboard in dashboards().values()).values()) == 1


@pytest.mark.parametrize("name", dashboards())
def test_panels_fill_the_grid(name: str) -> None:
    """They are numbered, lie within 24 columns, and none covers another."""
    dashboard = dashboards()[name]
    assert [panel["id"] for panel in dashboard["panels"]] == list(range(1, len(dashboard["panels"]) + 1))
    cells = [_cells(panel["gridPos"]) for panel in dashboard["panels"]]
    assert all(x < 24 for panel in cells for x, _ in panel)
    assert all(one.isdisjoint(other) for one, other in combinations(cells, 2))
    tops = [panel["gridPos"]["y"] for panel in dashboard["panels"]]
    assert all(before <= after for before, after in pairwise(tops))


@pytest.mark.parametrize("name", dashboards())
def test_every_panel_says_what_it_shows(name: str) -> None:
    """A title, a sentence, and a legend by labels that its query keeps."""
    for panel in panels(dashboards()[name]):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["targets"]
        for target in panel["targets"]:
            kept = parse(target["expr"].replace("$__rate_interval", "1m")).grouping_labels - {"le"}
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) == kept


@pytest.mark.parametrize("name", dashboards())
def test_dashboards_ask_the_chosen_prometheus_for_the_chosen_namespace(name: str) -> None:
    """No panel is bound to one installation."""
    dashboard = dashboards()[name]
    assert [variable["name"] for variable in dashboard["templating"]["list"]] == ["datasource", "namespace"]
    for panel in panels(dashboard):
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            selectors = parse(target["expr"].replace("$__rate_interval", "1m")).selectors
            assert all(selector.matchers["namespace"] == "$namespace" for selector in selectors)


def test_percentiles_lead_to_traces() -> None:
    """Graphs of lags show exemplars; nothing else can have any."""
    for dashboard in dashboards().values():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                is_graph_of_buckets = panel["type"] == "timeseries" and "_bucket" in target["expr"]
                assert target["exemplar"] is is_graph_of_buckets


def test_dashboards_fit_into_config_maps() -> None:
    """What is applied is kept in an annotation, too, and those have 256 KiB."""
    for dashboard in dashboards().values():
        assert len(json.dumps(dashboard, indent=2)) < 200_000


def _cells(place: dict[str, Any]) -> set[tuple[int, int]]:
    return {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
