"""What is in `k8s/monitoring/`."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "k8s" / "monitoring"
RUNBOOKS = ROOT / "docs" / "runbooks"

_VARIABLES = {"$__rate_interval": "1m", "$namespace": ".*"}

Rule = Mapping[str, Any]
Panel = Mapping[str, Any]


@cache
def rule_files() -> Mapping[str, Any]:
    """The files of rules, by name, as Prometheus itself reads them."""
    found = {}
    for path in sorted(MONITORING.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        if document["kind"] == "PrometheusRule":
            found[path.name] = document["spec"]
    return found


def write_rules(folder: Path) -> list[Path]:
    """Write the files for Prometheus."""
    paths = []
    for name, rules in rule_files().items():
        (path := folder / name).write_text(yaml.safe_dump(rules, sort_keys=False, width=200), encoding="utf-8")
        paths.append(path)
    return paths


def recordings() -> dict[str, str]:
    """The recorded expressions, by name."""
    return {rule["record"]: rule["expr"] for rule in _rules() if "record" in rule}


def alerts() -> dict[str, Rule]:
    """The alerts, by name."""
    return {rule["alert"]: rule for rule in _rules() if "alert" in rule}


def _rules() -> Iterator[Rule]:
    for file in rule_files().values():
        for group in file["groups"]:
            yield from group["rules"]


@cache
def dashboards() -> Mapping[str, Any]:
    """The dashboards, by name."""
    paths = sorted((MONITORING / "dashboards").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def panels(dashboard: Mapping[str, Any]) -> list[Panel]:
    """The panels of a dashboard, without the headings between them."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> dict[str, str]:
    """All PromQL there is, by where it stands; of dashboards as Grafana sends it."""
    found = {f"rule {name}": expr for name, expr in recordings().items()}
    found |= {f"alert {name}": alert["expr"] for name, alert in alerts().items()}
    return found | dashboard_expressions()


def dashboard_expressions() -> dict[str, str]:
    """Those of the dashboards, by dashboard, panel and legend."""
    return {
        f"{name} / {panel['title']} / {target['legendFormat']}": _filled_in(target["expr"])
        for name, dashboard in dashboards().items()
        for panel in panels(dashboard)
        for target in panel["targets"]
    }


def _filled_in(expr: str) -> str:
    for variable, value in _VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr
