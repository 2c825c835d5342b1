"""What `kubectl kustomize` makes of the manifests, in a form that is easy to ask."""

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "k8s"
NAME = "app.kubernetes.io/name"

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class Container:
    """One container of a workload."""

    workload: str
    spec: Manifest

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    @property
    def command(self) -> list[str]:
        """What runs in it; the images of our own leave that to the manifest."""
        return [*self.spec.get("command", ()), *self.spec.get("args", ())]

    @property
    def ports(self) -> set[int]:
        return {port["containerPort"] for port in self.spec.get("ports", ())}


@dataclass(frozen=True)
class Workload:
    """A Deployment, StatefulSet or Job."""

    manifest: Manifest

    @property
    def name(self) -> str:
        """As the label of its pods has it."""
        return self.labels[NAME]

    @property
    def labels(self) -> Mapping[str, str]:
        """Those of its pods."""
        return dict(self.manifest["spec"]["template"]["metadata"]["labels"])

    @property
    def pod(self) -> Manifest:
        return dict(self.manifest["spec"]["template"]["spec"])

    @property
    def containers(self) -> list[Container]:
        return [Container(self.name, spec) for spec in self.pod["containers"]]


@dataclass(frozen=True)
class Cluster:
    """All that one overlay brings."""

    manifests: Sequence[Manifest]

    def of_kind(self, *kinds: str) -> list[Manifest]:
        return [manifest for manifest in self.manifests if manifest["kind"] in kinds]

    def named(self, kind: str, name: str) -> Manifest:
        [manifest] = [each for each in self.of_kind(kind) if each["metadata"]["name"] == name]
        return manifest

    @property
    def workloads(self) -> dict[str, Workload]:
        workloads = map(Workload, self.of_kind("Deployment", "StatefulSet", "Job"))
        return {workload.name: workload for workload in workloads}

    @property
    def containers(self) -> list[Container]:
        return [container for workload in self.workloads.values() for container in workload.containers]

    def selected(self, labels: Mapping[str, str]) -> list[Workload]:
        """The workloads whose pods have these labels."""
        return [workload for workload in self.workloads.values() if labels.items() <= workload.labels.items()]

    def environment(self, container: Container) -> dict[str, str]:
        """Its variables; those of a Secret that the overlay does not bring are left out."""
        variables = {}
        for variable in container.spec.get("env", ()):
            value = variable.get("value")
            if value is None:
                value = self._secret(variable["valueFrom"]["secretKeyRef"])
            if value is not None:
                variables[variable["name"]] = value
        return variables

    def _secret(self, reference: Mapping[str, str]) -> str | None:
        for secret in self.of_kind("Secret"):
            if secret["metadata"]["name"] == reference["name"]:
                return base64.b64decode(secret["data"][reference["key"]]).decode()
        return None


@cache
def overlay(name: str) -> Cluster:
    """One of the overlays."""
    return _render(K8S / "overlays" / name)


@cache
def with_components(base: str, *components: str) -> Cluster:
    """An overlay of somebody's own: a folder of ours, and further components."""
    with TemporaryDirectory() as name:
        ours = os.path.relpath(K8S, name)
        kustomization = {
            "resources": [f"{ours}/{base}"],
            "components": [f"{ours}/components/{component}" for component in components],
        }
        return _written(Path(name), yaml.safe_dump(kustomization))


def example_of(page: Path) -> Cluster:
    """The overlay that a page shows."""
    [text] = re.findall(r"(?s)```yaml\n(apiVersion: kustomize.*?)```", page.read_text(encoding="utf-8"))
    with TemporaryDirectory() as name:
        return _written(Path(name), text.replace("../livetranslate/k8s", os.path.relpath(K8S, name)))


def service_addresses(cluster: Cluster) -> Iterator[tuple[str, int, Manifest]]:
    """Each service's name, each of its ports, and the service."""
    for service in cluster.of_kind("Service"):
        for port in service["spec"]["ports"]:
            yield service["metadata"]["name"], port["port"], service


def _written(folder: Path, kustomization: str) -> Cluster:
    (folder / "kustomization.yaml").write_text(kustomization, encoding="utf-8")
    return _render(folder)


def _render(folder: Path) -> Cluster:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed")
    command = ["kubectl", "kustomize", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert run.returncode == 0, run.stderr
    assert not run.stderr, run.stderr  # a deprecated field, for example
    return Cluster(list(yaml.safe_load_all(run.stdout)))
