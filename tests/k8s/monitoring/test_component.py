import pytest

from tests.k8s.monitoring.files import MONITORING, dashboards, rule_files
from tests.k8s.monitoring.test_expressions import JOBS
from tests.k8s.rendering import Cluster, overlay, service_addresses, with_components


@pytest.fixture
def cluster() -> Cluster:
    """What the overlay that includes the component brings."""
    return overlay("prod")


def test_each_dashboard_has_a_config_map_that_grafana_finds(cluster: Cluster) -> None:
    """By the label that its sidecar looks for, under a name that stays."""
    for name in dashboards():
        config_map = cluster.named("ConfigMap", f"livetranslate-dashboard-{name}")
        assert config_map["metadata"]["labels"]["grafana_dashboard"] == "1"
        text = (MONITORING / "dashboards" / f"{name}.json").read_text(encoding="utf-8")
        assert config_map["data"] == {f"{name}.json": text}


def test_the_rules_reach_the_operator_as_they_are(cluster: Cluster) -> None:
    """Whatever else the overlay does, in its namespace."""
    found = cluster.of_kind("PrometheusRule")
    groups = {group["name"]: group for each in found for group in each["spec"]["groups"]}
    assert groups == {group["name"]: group for file in rule_files().values() for group in file["groups"]}
    assert {each["metadata"]["namespace"] for each in found} == {"livetranslate"}


def test_what_is_scraped_has_the_names_that_rules_know() -> None:
    """The operator takes the service's name for the label `job`, unless the ServiceMonitor says otherwise."""
    cluster = with_components("overlays/prod", "keeper")
    [monitor] = cluster.of_kind("ServiceMonitor")
    assert "jobLabel" not in monitor["spec"]
    ports = {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]}
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    scraped = {
        name
        for name, _, service in service_addresses(cluster)
        if wanted <= service["metadata"].get("labels", {}).items()
        and ports & {port["name"] for port in service["spec"]["ports"]}
    }
    assert scraped == JOBS
