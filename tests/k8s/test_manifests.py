"""The manifests as a whole: of the right form, and complete."""

import re
import tomllib

import kubernetes_validate
import pytest

from tests.k8s.rendering import K8S, ROOT, Cluster, Manifest, example_of, overlay, with_components

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OLDEST_KUBERNETES = "1.30"  # as docs/kubernetes.md says
OF_OPERATORS = {"ServiceMonitor", "PrometheusRule", "ScaledObject"}

each_overlay = pytest.mark.parametrize("name", ["dev", "prod", "gpu"])


@each_overlay
@pytest.mark.parametrize("kubernetes", [OLDEST_KUBERNETES, None])
def test_kubernetes_takes_them(name: str, kubernetes: str | None) -> None:
    """Each object fits its schema, without a field that is unknown: that of the oldest version, and of the newest."""
    version = kubernetes or kubernetes_validate.latest_version()
    for manifest in overlay(name).manifests:
        if manifest["kind"] not in OF_OPERATORS:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_the_components_that_no_overlay_has_fit_as_well() -> None:
    """KEDA in place of autoscalers, and a keeper."""
    for base, component in (("base", "keda"), ("overlays/prod", "keeper")):
        for manifest in with_components(base, component).manifests:
            if manifest["kind"] not in OF_OPERATORS:
                kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("name", ["dev", "prod", "gpu", "keda", "keeper"])
def test_everything_is_in_one_namespace(name: str) -> None:
    """Which allows no pod more than the strictest of the standards; components need not be told which."""
    cluster = with_components("overlays/dev", name) if name in ("keda", "keeper") else overlay(name)
    [namespace] = cluster.of_kind("Namespace")
    assert namespace["metadata"]["name"] == "livetranslate"
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    others = [manifest for manifest in cluster.manifests if manifest is not namespace]
    assert {manifest["metadata"]["namespace"] for manifest in others} == {"livetranslate"}


@each_overlay
def test_images_have_versions(name: str) -> None:
    """Ours that of the project, others one that does not move to another major version."""
    for container in overlay(name).containers:
        image, _, tag = container.spec["image"].rpartition(":")
        if image.startswith("livetranslate"):
            assert tag.split("-")[0] == VERSION, container.name
        else:
            assert re.match(r"v?\d+", tag), container.name


@each_overlay
def test_the_migration_is_of_this_version(name: str) -> None:
    """A Job cannot be changed: the next version needs one of another name."""
    [job] = overlay(name).of_kind("Job")
    assert job["metadata"]["name"] == f"migrate-{VERSION.replace('.', '-')}"


def test_what_refers_to_something_finds_it() -> None:
    """Services, budgets, autoscalers and volumes lead to pods, deployments and objects that are there."""
    for name in ("dev", "prod", "gpu"):
        cluster = overlay(name)
        for service in cluster.of_kind("Service"):
            pods = cluster.selected(service["spec"]["selector"])
            ports = {port for workload in pods for container in workload.containers for port in container.ports}
            assert {port.get("targetPort", port["port"]) for port in service["spec"]["ports"]} <= ports
        for budget in cluster.of_kind("PodDisruptionBudget"):
            assert len(cluster.selected(budget["spec"]["selector"]["matchLabels"])) == 1
        for autoscaler in cluster.of_kind("HorizontalPodAutoscaler"):
            assert cluster.named("Deployment", autoscaler["spec"]["scaleTargetRef"]["name"])
        for workload in cluster.workloads.values():
            selector = workload.manifest["spec"].get("selector", {}).get("matchLabels", {})
            assert selector.items() <= workload.labels.items()
            _check_volumes(cluster, workload.pod, workload.manifest)


def test_the_database_is_a_secret_that_only_dev_brings() -> None:
    """A password in a repository is for a laptop."""
    assert [secret["metadata"]["name"].rpartition("-")[0] for secret in overlay("dev").of_kind("Secret")] == [
        "livetranslate-database"
    ]
    for name in ("prod", "gpu"):
        cluster = overlay(name)
        assert not cluster.of_kind("Secret")
        for container in cluster.workloads["gateway"].containers + cluster.workloads["migrate"].containers:
            [reference] = [each["valueFrom"] for each in container.spec["env"] if "valueFrom" in each]
            assert reference == {"secretKeyRef": {"name": "livetranslate-database", "key": "url"}}


def test_prometheus_finds_every_service_with_metrics() -> None:
    """One monitor for all: by the label that all have, and the port that they name alike."""
    cluster = overlay("prod")
    [monitor] = cluster.of_kind("ServiceMonitor")
    labels = monitor["spec"]["selector"]["matchLabels"]
    [port] = [endpoint["port"] for endpoint in monitor["spec"]["endpoints"]]
    scraped = [
        service["metadata"]["name"]
        for service in cluster.of_kind("Service")
        if labels.items() <= service["metadata"].get("labels", {}).items()
        and port in [each["name"] for each in service["spec"]["ports"]]
    ]
    assert sorted(scraped) == ["asr", "gateway", "mt", "triton", "tts"]


def test_production_is_spread() -> None:
    """Each part by itself, over zones and nodes; and never without a replica."""
    cluster = overlay("prod")
    for name in ("gateway", "asr", "mt", "tts", "triton"):
        deployment = cluster.workloads[name].manifest
        assert "replicas" not in deployment["spec"]  # or each apply would undo what the autoscaler has done
        assert cluster.named("HorizontalPodAutoscaler", name)["spec"]["minReplicas"] >= 2
        assert cluster.named("PodDisruptionBudget", name)["spec"]["maxUnavailable"] == 1
        constraints = cluster.workloads[name].pod["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in constraints] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        for constraint in constraints:
            assert constraint["matchLabelKeys"] == ["app.kubernetes.io/name", "pod-template-hash"]
            assert constraint["labelSelector"]["matchLabels"].items() <= cluster.workloads[name].labels.items()


def test_the_overlay_of_the_page_can_be_written_like_that() -> None:
    """It takes images from elsewhere, and says where traces go."""
    cluster = example_of(ROOT / "docs" / "kubernetes.md")
    images = {container.spec["image"].rpartition("/")[0] for container in cluster.containers}
    assert images == {"registry.example", "otel"}
    settings = cluster.workloads["collector"].containers[0].spec["envFrom"][0]["configMapRef"]["name"]
    assert cluster.named("ConfigMap", settings)["data"] == {"TRACES_ENDPOINT": "http://tempo.monitoring:4318"}


def test_every_folder_of_manifests_is_used() -> None:
    """By an overlay, or by a test of this file."""
    files = {path.parent.relative_to(K8S) for path in K8S.rglob("kustomization.yaml")}
    assert {str(path) for path in files} == {
        *("base", "monitoring", "overlays/dev", "overlays/prod", "overlays/gpu"),
        *(f"components/{name}" for name in ("autoscaling", "collector", "keda", "keeper", "scraping")),
    }


def _check_volumes(cluster: Cluster, pod: Manifest, manifest: Manifest) -> None:
    claims = {claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", ())}
    volumes = {volume["name"] for volume in pod.get("volumes", ())} | claims
    for container in pod["containers"]:
        assert {mount["name"] for mount in container.get("volumeMounts", ())} <= volumes
        for source in container.get("envFrom", ()):
            assert cluster.named("ConfigMap", source["configMapRef"]["name"])
    for volume in pod.get("volumes", ()):
        if "configMap" in volume:
            assert cluster.named("ConfigMap", volume["configMap"]["name"])
