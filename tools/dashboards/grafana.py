"""A dashboard in Grafana's JSON, from a few words about each panel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_GRID_COLUMNS = 24
_SCHEMA_VERSION = 39  # Grafana 10.4; later ones migrate it as they load it
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_TAG = "livetranslate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One graph, or one number.

    Attributes:
        title: What it shows.
        description: What it means, and when to worry.
        queries: PromQL by legend, which may name labels: `{{model}}`.
        unit: Grafana's name of it: `s`, `bytes`, `short`, `percentunit`.
        kind: `timeseries`, or `stat` for one number.
        width: Of 24 columns.
        limit: Where it turns red.
        stacked: Whether the areas add up.
        states: What its numbers mean, where they are states.
    """

    title: str
    description: str
    queries: Mapping[str, str]
    unit: str = "short"
    kind: Literal["timeseries", "stat"] = "timeseries"
    width: int = 8
    limit: float | None = None
    stacked: bool = False
    states: Mapping[int, str] | None = None

    @property
    def height(self) -> int:
        """In rows of the grid."""
        return 4 if self.kind == "stat" else 8


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page: its panels by the headings above them."""

    name: str
    title: str
    description: str
    rows: Mapping[str, Sequence[Panel]]

    def to_json(self) -> dict[str, Any]:
        """What Grafana is given."""
        return {
            "uid": f"livetranslate-{self.name}",
            "title": self.title,
            "description": self.description,
            "tags": [_TAG],
            "schemaVersion": _SCHEMA_VERSION,
            "version": 1,
            "editable": False,  # whoever wants another one saves a copy: the next deployment would undo changes
            "graphTooltip": 1,  # one crosshair over all panels
            "refresh": "10s",
            "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser",
            "links": [_link_to_the_others()],
            "templating": {"list": [_datasource_variable(), _namespace_variable()]},
            "panels": list(_numbered(self._placed())),
        }

    def _placed(self) -> Iterator[dict[str, Any]]:
        """Headings, each with its panels below, from left to right."""
        y = 0
        for heading, panels in self.rows.items():
            yield {"type": "row", "title": heading, "collapsed": False, "panels": [], "gridPos": _place(0, y, 24, 1)}
            x, y, height = 0, y + 1, 0
            for panel in panels:
                if x + panel.width > _GRID_COLUMNS:
                    x, y, height = 0, y + height, 0
                yield {**_panel(panel), "gridPos": _place(x, y, panel.width, panel.height)}
                x, height = x + panel.width, max(height, panel.height)
            y += height


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _numbered(panels: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, panel in enumerate(panels, start=1):
        yield {"id": number, **panel}


def _panel(panel: Panel) -> dict[str, Any]:
    is_stat = panel.kind == "stat"
    targets = [
        _target(chr(ord("A") + number), legend, query, is_instant=is_stat)
        for number, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _stat_options() if is_stat else _graph_options(),
        "targets": targets,
    }


def _target(ref: str, legend: str, query: str, *, is_instant: bool) -> dict[str, Any]:
    return {
        "refId": ref,
        "datasource": _SOURCE,
        "expr": query,
        "legendFormat": legend,
        "instant": is_instant,
        "range": not is_instant,
        "exemplar": not is_instant and "histogram_quantile" in query,  # a dot leads to the trace of a segment
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        steps.append({"color": "red", "value": panel.limit})
    states = {str(state): {"text": text} for state, text in (panel.states or {}).items()}
    return {
        "unit": panel.unit,
        "min": 0,
        "thresholds": {"mode": "absolute", "steps": steps},
        "mappings": [{"type": "value", "options": states}] if states else [],
        "custom": _lines(panel) if panel.kind == "timeseries" else {},
    }


def _lines(panel: Panel) -> dict[str, Any]:
    return {
        "drawStyle": "line",
        "fillOpacity": 30 if panel.stacked else 5,
        "lineInterpolation": "stepAfter" if panel.states else "linear",
        "showPoints": "never",
        "stacking": {"mode": "normal" if panel.stacked else "none"},
        "thresholdsStyle": {"mode": "off" if panel.limit is None else "line"},
    }


def _stat_options() -> dict[str, Any]:
    return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none", "textMode": "auto"}


def _graph_options() -> dict[str, Any]:
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _link_to_the_others() -> dict[str, Any]:
    return {"type": "dashboards", "title": "LiveTranslate", "tags": [_TAG], "asDropdown": True, "keepTime": True}


def _datasource_variable() -> dict[str, Any]:
    return {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0}


def _namespace_variable() -> dict[str, Any]:
    """Which installation; whatever there is, where there is only one and its metrics have no namespace."""
    return {
        "name": "namespace",
        "label": "Namespace",
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": "label_values(livetranslate_session_active, namespace)", "refId": "namespace"},
        "refresh": 2,  # whenever the time range changes
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }
