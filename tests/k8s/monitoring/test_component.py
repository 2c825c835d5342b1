import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.k8s.monitoring.files import MONITORING, dashboards, rule_files
from tests.programs import needed_program


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What an overlay that includes the component has."""
    folder = tmp_path_factory.mktemp("k8s")
    (folder / "monitoring").symlink_to(MONITORING, target_is_directory=True)
    overlay = folder / "overlay"
    overlay.mkdir()
    (overlay / "kustomization.yaml").write_text("namespace: live\ncomponents: [../monitoring]\n", encoding="utf-8")
    return _render(overlay)


def test_each_dashboard_has_a_config_map_that_grafana_finds(rendered: list[dict[str, Any]]) -> None:
    """By the label that its sidecar looks for, under a name that stays."""
    found = {each["metadata"]["name"]: each for each in rendered if each["kind"] == "ConfigMap"}
    assert set(found) == {f"livetranslate-dashboard-{name}" for name in dashboards()}
    for name in dashboards():
        config_map = found[f"livetranslate-dashboard-{name}"]
        assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
        text = (MONITORING / "dashboards" / f"{name}.json").read_text(encoding="utf-8")
        assert config_map["data"] == {f"{name}.json": text}


def test_the_rules_reach_the_operator_as_they_are(rendered: list[dict[str, Any]]) -> None:
    """Whatever the overlay adds, and in its namespace."""
    found = [each for each in rendered if each["kind"] == "PrometheusRule"]
    groups = {group["name"]: group for each in found for group in each["spec"]["groups"]}
    assert groups == {group["name"]: group for file in rule_files().values() for group in file["groups"]}
    assert {each["metadata"]["namespace"] for each in found} == {"live"}


def _render(overlay: Path) -> list[dict[str, Any]]:
    command = [needed_program("kubectl"), "kustomize", "--load-restrictor=LoadRestrictionsNone", str(overlay)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return list(yaml.safe_load_all(run.stdout))
