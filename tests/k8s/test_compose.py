"""Everything on one host: `compose.yaml`, checked as Kubernetes' manifests are."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from tests.k8s.parts import METRICS_PORT, module_of, port_of, read_settings, stop_seconds, wait_seconds
from tests.k8s.rendering import ROOT, Container, overlay

COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = ("gateway", "asr", "mt", "tts", "migrate")


def environment(name: str) -> dict[str, str]:
    """A service's variables, with the defaults of those that compose puts into them."""
    variables = SERVICES[name].get("environment", {})
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in variables.items()}


@pytest.mark.parametrize("name", OURS)
def test_each_part_runs_its_module_with_its_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable is one of its own, with a value that it takes."""
    module = module_of(SERVICES[name]["command"])
    assert module == ("gateway.store.migrate" if name == "migrate" else name)
    settings = read_settings(module, environment(name), monkeypatch)
    if name != "migrate":
        assert port_of(settings.listen)
        assert port_of(settings.metrics_listen) == METRICS_PORT
    assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= stop_seconds(settings) + 2


@pytest.mark.parametrize("name", OURS)
def test_each_address_is_a_part_that_listens_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is the port of its settings, or of Triton or PostgreSQL."""
    listening = {"triton": 8001, "postgres": 5432}
    for part in ("asr", "mt", "tts"):
        listening[part] = port_of(read_settings(part, environment(part), monkeypatch).listen)
    addresses = {
        variable: re.findall(r"([a-z]+):(\d+)(?:/|$)", value)
        for variable, value in environment(name).items()
        if variable.endswith("_URL")
    }
    for variable, found in addresses.items():
        [(host, port)] = found
        assert listening[host] == int(port), variable


def test_they_are_told_of_the_same_parts_as_in_a_cluster() -> None:
    """No address is forgotten."""
    cluster = overlay("dev")
    for name in OURS:
        [container] = cluster.workloads[name].containers
        in_cluster = {key for key in cluster.environment(container) if key.endswith("_URL")}
        assert {key for key in environment(name) if key.endswith("_URL")} == in_cluster


def test_only_the_gateway_can_be_reached_and_from_this_host_alone() -> None:
    """There is no authentication."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"gateway": ["127.0.0.1:50051:50051"]}


@pytest.mark.parametrize("name", [*OURS, "triton"])
def test_no_container_may_do_more_than_it_has_to(name: str) -> None:
    """As in a cluster."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108


def test_images_are_built_here_with_the_names_that_the_cluster_has() -> None:
    """And the files that they are built from are there."""
    cluster = {container.name: container for container in overlay("dev").containers}
    for name in (*OURS, "triton", "postgres"):
        container: Container = cluster[name]
        assert SERVICES[name]["image"] == container.spec["image"]
    for name in (*OURS, "triton"):
        build = SERVICES[name]["build"]
        file = build["dockerfile"] if isinstance(build, dict) else "Dockerfile"
        assert (ROOT / file).is_file()


def test_what_has_to_be_there_first_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema before the gateway; the services wait for Triton themselves, and as long as it may take."""
    assert SERVICES["gateway"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    check = SERVICES["triton"]["healthcheck"]
    triton_seconds = float(check["interval"].removesuffix("s")) * check["retries"]
    for name in ("asr", "mt", "tts"):
        assert wait_seconds(read_settings(name, environment(name), monkeypatch)) >= triton_seconds


def test_who_waits_for_all_of_it_can_use_it() -> None:
    """`up --wait` ends when the gateway listens; before that the command line would start a server of its own."""
    [_, *argv] = SERVICES["gateway"]["healthcheck"]["test"]
    assert argv[:2] == ["python", "-c"]
    port = SERVICES["gateway"]["ports"][0].rpartition(":")[2]
    assert f"create_connection(('127.0.0.1', {port})" in argv[2]
    compile(argv[2], "healthcheck", "exec")


def test_what_is_kept_lies_on_volumes() -> None:
    """Sessions, and finals that wait for the database."""
    assert set(COMPOSE["volumes"]) == {"sessions", "spill"}
    assert SERVICES["postgres"]["volumes"] == ["sessions:/var/lib/postgresql"]
    [volume] = SERVICES["gateway"]["volumes"]
    name, _, folder = volume.partition(":")
    assert name == "spill"
    assert environment("gateway")["LIVETRANSLATE_GATEWAY_SPILL_DIR"].startswith(f"{folder}/")
    assert f"install --directory --owner=10001 {folder}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
