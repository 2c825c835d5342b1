"""Who talks to whom: as addresses in the manifests say, and as network policies allow."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.k8s.rendering import NAME, Cluster

_ADDRESS = re.compile(r"(?:[a-z0-9,.=-]+=)?(?:[a-z]+://)?(?:[\w:]+@)?([a-z][a-z0-9-]*):(\d+)(?:/.*)?")
NAMESPACE = "kubernetes.io/metadata.name"


class Arrow(NamedTuple):
    """From a workload, or from outside, to another, at a port."""

    source: str
    target: str
    port: int


def needed(cluster: Cluster) -> set[Arrow]:
    """The arrows between workloads that follow from variables and commands with `HOST:PORT` in them."""
    services = {service["metadata"]["name"]: service for service in cluster.of_kind("Service")}
    arrows = set()
    for container in cluster.containers:
        for text in (*cluster.environment(container).values(), *container.command):
            match = _ADDRESS.fullmatch(text)
            if match is None or match[1] not in services:
                continue
            [target] = cluster.selected(services[match[1]]["spec"]["selector"])
            assert int(match[2]) in [port["port"] for port in services[match[1]]["spec"]["ports"]], text
            arrows.add(Arrow(container.workload, target.name, int(match[2])))
    return arrows


def needed_outside(cluster: Cluster) -> set[Arrow]:
    """Where traces are passed on to: `http://SERVICE.NAMESPACE:PORT`."""
    arrows = set()
    for settings in cluster.of_kind("ConfigMap"):
        endpoint = settings["data"].get("TRACES_ENDPOINT", "")
        if endpoint:
            url = urlsplit(endpoint)
            assert url.hostname
            assert url.port
            arrows.add(Arrow("collector", f"namespace {url.hostname.split('.')[1]}", url.port))
    return arrows


def allowed_in(cluster: Cluster) -> set[Arrow]:
    """The arrows that policies allow at their targets."""
    return {
        Arrow(source, target, port)
        for policy, target in _policies(cluster, "Ingress")
        for rule in policy["spec"].get("ingress", ())
        for source in _peers(cluster, rule["from"])
        for port in _ports(rule)
    }


def allowed_out(cluster: Cluster) -> set[Arrow]:
    """The arrows that policies allow at their sources."""
    return {
        Arrow(source, target, port)
        for policy, source in _policies(cluster, "Egress")
        for rule in policy["spec"].get("egress", ())
        for target in _peers(cluster, rule["to"])
        for port in _ports(rule)
    }


def _policies(cluster: Cluster, direction: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Each policy of a direction, with each workload that it is for."""
    for policy in cluster.of_kind("NetworkPolicy"):
        if direction in policy["spec"]["policyTypes"]:
            for name in _matching(cluster, policy["spec"]["podSelector"]):
                yield policy, name


def _peers(cluster: Cluster, peers: list[Mapping[str, Any]]) -> Iterator[str]:
    for peer in peers:
        [(kind, selector)] = peer.items()
        if kind == "podSelector":
            assert selector, "a peer that is everybody"
            yield from _matching(cluster, selector)
        elif kind == "namespaceSelector":
            [(key, value)] = selector["matchLabels"].items()
            yield f"namespace {value}" if key == NAMESPACE else f"namespaces with {key}"
        else:
            yield f"network {selector['cidr']}"


def _matching(cluster: Cluster, selector: Mapping[str, Any]) -> Iterator[str]:
    """The workloads that a selector means; each name that it has must be one of them."""
    wanted = set(cluster.workloads)
    for key, value in selector.get("matchLabels", {}).items():
        assert key == NAME
        wanted &= {value}
        assert wanted, value
    for expression in selector.get("matchExpressions", ()):
        assert (expression["key"], expression["operator"]) == (NAME, "In")
        assert set(expression["values"]) <= set(cluster.workloads)
        wanted &= set(expression["values"])
    yield from wanted


def _ports(rule: Mapping[str, Any]) -> list[int]:
    return [port["port"] for port in rule["ports"]]
