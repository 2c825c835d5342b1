"""Network policies allow exactly the arrows of the design."""

import pytest

from tests.k8s.arrows import Arrow, allowed_in, allowed_out, needed, needed_outside
from tests.k8s.rendering import Cluster, overlay, service_addresses, with_components

DESIGN = {
    Arrow("gateway", "asr", 50052),
    Arrow("gateway", "mt", 50053),
    Arrow("gateway", "tts", 50054),
    Arrow("asr", "triton", 8001),
    Arrow("mt", "triton", 8001),
    Arrow("tts", "triton", 8001),
}
DATABASE = {Arrow("gateway", "postgres", 5432), Arrow("migrate", "postgres", 5432)}
TRACES = {Arrow(name, "collector", 4318) for name in ("gateway", "asr", "mt", "tts", "triton")}
KEEPER = {Arrow(name, "triton", 50055) for name in ("gateway", "asr", "mt", "tts")}
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


@pytest.fixture(params=["dev", "prod", "gpu", "keeper"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Each overlay, and production with a keeper."""
    if request.param == "keeper":
        return with_components("overlays/prod", "keeper")
    return overlay(request.param)


@pytest.mark.parametrize(
    ("name", "arrows"), [("dev", DESIGN | DATABASE), ("prod", DESIGN | TRACES), ("gpu", DESIGN | TRACES)]
)
def test_the_addresses_are_the_arrows_of_the_design(name: str, arrows: set[Arrow]) -> None:
    """Nothing is told of anybody that it need not talk to."""
    assert needed(overlay(name)) == arrows


def test_a_keeper_is_told_to_all_services() -> None:
    """And nothing else is new."""
    assert needed(with_components("overlays/prod", "keeper")) == DESIGN | TRACES | KEEPER


def test_what_may_be_sent_may_be_received(cluster: Cluster) -> None:
    """Both ends of each arrow between workloads are open, and those of no other."""
    inside = set(cluster.workloads)
    assert {arrow for arrow in allowed_out(cluster) if arrow.target in inside} == needed(cluster)
    assert {arrow for arrow in allowed_in(cluster) if arrow.source in inside} == needed(cluster)


def test_what_leaves_the_namespace(cluster: Cluster) -> None:
    """Questions for addresses, traces, and in production what goes to the database."""
    names = {Arrow(workload, "namespace kube-system", 53) for workload in cluster.workloads}
    outside = {arrow for arrow in allowed_out(cluster) if arrow.target not in cluster.workloads}
    traces = needed_outside(cluster)
    assert bool(traces) == ("collector" in cluster.workloads)
    database = set()
    if "postgres" not in cluster.workloads:
        database = {Arrow(name, f"network {cidr}", 5432) for name in ("gateway", "migrate") for cidr in PRIVATE}
    assert outside == names | traces | database


def test_what_enters_the_namespace(cluster: Cluster) -> None:
    """Clients, where an operator lets them, to the gateway alone; and Prometheus to what has metrics."""
    outside = {arrow for arrow in allowed_in(cluster) if arrow.source not in cluster.workloads}
    clients = {Arrow("namespaces with livetranslate/clients", "gateway", 50051)}
    metrics = {
        Arrow("namespace monitoring", target.name, port)
        for _, port, service in service_addresses(cluster)
        for target in cluster.selected(service["spec"]["selector"])
        if port in [each["port"] for each in service["spec"]["ports"] if each["name"] == "metrics"]
    }
    assert outside == (clients | metrics if cluster.of_kind("ServiceMonitor") else clients)


def test_everything_else_is_closed(cluster: Cluster) -> None:
    """One policy is for all pods, in both directions, and allows nothing."""
    assert cluster.named("NetworkPolicy", "nothing")["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }


def test_streams_reach_every_replica(cluster: Cluster) -> None:
    """The names that services are asked by stand for all addresses, so that a channel can spread over them."""
    for name in ("asr", "mt", "tts", "triton", "gateway-replicas"):
        assert cluster.named("Service", name)["spec"]["clusterIP"] == "None"
