"""Each workload: what it runs, how it is watched, how it stops, and what it may do."""

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from gateway.store.spill import MAX_FILE_BYTES
from tests.k8s.parts import METRICS_PORT, module_of, port_of, read_settings, stop_seconds, wait_seconds
from tests.k8s.rendering import ROOT, Cluster, Container, overlay, with_components

OVERLAYS = ("dev", "prod", "gpu")
SERVICES = ("gateway", "asr", "mt", "tts")


@pytest.fixture(params=[*OVERLAYS, "keeper"])
def cluster(request: pytest.FixtureRequest) -> Cluster:
    """Each overlay, and production with a keeper."""
    if request.param == "keeper":
        return with_components("overlays/prod", "keeper")
    return overlay(request.param)


def ours(cluster: Cluster) -> list[tuple[Container, str]]:
    """The containers that run a module of ours, and which."""
    modules = [(container, module_of(container.command)) for container in cluster.containers]
    return [(container, module) for container, module in modules if module]


def test_each_part_runs_its_module(cluster: Cluster) -> None:
    """In the workload of its name."""
    found = {container.name: module for container, module in ours(cluster)}
    keeper = {"keeper": "livetranslate.keeper"} if "keeper" in found else {}
    assert found == {name: name for name in SERVICES} | {"migrate": "gateway.store.migrate"} | keeper


def test_each_variable_is_a_setting_of_its_part(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a value that it takes; what it listens on are the container's ports."""
    for container, module in ours(cluster):
        settings = read_settings(module, cluster.environment(container), monkeypatch)
        if container.name != "migrate":
            assert container.ports == {port_of(settings.listen), port_of(settings.metrics_listen)}
            assert port_of(settings.metrics_listen) == METRICS_PORT


def test_the_variables_of_triton_are_documented(cluster: Cluster) -> None:
    """They are read by what renders its models."""
    documented = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    [triton] = [container for container in cluster.containers if container.name == "triton"]
    variables = cluster.environment(triton)
    assert variables
    assert all(f"| `{name}` |" in documented for name in variables)
    assert int(variables["LIVETRANSLATE_MODEL_INSTANCES"]) == int(triton.spec["resources"]["requests"]["cpu"])


def test_services_are_asked_by_grpc_whether_they_are_well(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may wait at start as long as their settings say, and are not taken for frozen while they drain."""
    for container, module in ours(cluster):
        if container.name == "migrate":
            continue
        settings = read_settings(module, cluster.environment(container), monkeypatch)
        probes = [container.spec[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")]
        assert all(probe["grpc"] == {"port": port_of(settings.listen)} for probe in probes)
        startup, readiness, liveness = [probe["periodSeconds"] * probe["failureThreshold"] for probe in probes]
        assert startup > wait_seconds(settings), container.name
        assert readiness <= 5, container.name
        assert liveness > stop_seconds(settings), container.name


def test_triton_has_as_long_to_load_as_services_wait(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or they would give up first."""
    [triton] = [container for container in cluster.containers if container.name == "triton"]
    probe = triton.spec["startupProbe"]
    for container, module in ours(cluster):
        settings = read_settings(module, cluster.environment(container), monkeypatch)
        if container.name in ("asr", "mt", "tts", "keeper"):
            assert probe["periodSeconds"] * probe["failureThreshold"] <= wait_seconds(settings)
    named = {port["name"]: port["containerPort"] for port in triton.spec["ports"]}
    assert named == {"http": 8000, "grpc": 8001, "metrics": 8002}  # Triton's own
    assert {triton.spec[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "readiness", "liveness")} == {"http"}


def test_a_stop_has_all_the_time_that_it_takes(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes before the signal, drain, flush, the store's time and the clean-up fit into the grace period."""
    for container, module in ours(cluster):
        if container.name == "migrate":
            continue
        settings = read_settings(module, cluster.environment(container), monkeypatch)
        pre_stop = container.spec.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        assert pre_stop[0] == "sleep"
        grace_seconds = cluster.workloads[container.workload].pod["terminationGracePeriodSeconds"]
        assert grace_seconds >= int(pre_stop[1]) + stop_seconds(settings) + 2, container.name


def test_a_rolling_update_takes_none_away_before_the_next_is_ready(cluster: Cluster) -> None:
    """Services; how Triton is replaced depends on what there is room for."""
    for name in SERVICES:
        update = cluster.workloads[name].manifest["spec"]["strategy"]["rollingUpdate"]
        assert update == {"maxSurge": 1, "maxUnavailable": 0}


def test_no_container_may_do_more_than_it_has_to(cluster: Cluster) -> None:
    """No root, no writable files of the image, no rights of the kernel, no token of the cluster."""
    for workload in cluster.workloads.values():
        pod = workload.pod
        assert pod["automountServiceAccountToken"] is False, workload.name
        assert pod["enableServiceLinks"] is False, workload.name
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for container in workload.containers:
            assert container.spec["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, container.name
        for volume in pod.get("volumes", ()):
            assert "hostPath" not in volume


def test_every_container_says_what_it_needs(cluster: Cluster) -> None:
    """Processor and memory, and memory is limited; a limit of the processor would only add lag."""
    for container in cluster.containers:
        resources = container.spec["resources"]
        assert set(resources["requests"]) >= {"cpu", "memory"}, container.name
        assert "memory" in resources["limits"], container.name
        assert "cpu" not in resources["limits"], container.name


def test_what_can_be_written_to_is_bounded(cluster: Cluster) -> None:
    """Every folder that a pod of ours brings for itself; and there is one for temporary files."""
    for workload in cluster.workloads.values():
        if workload.name in ("postgres", "collector"):
            continue
        assert all("sizeLimit" in volume["emptyDir"] for volume in workload.pod["volumes"]), workload.name
        for container in workload.containers:
            mounts = {mount["mountPath"] for mount in container.spec["volumeMounts"]}
            assert "/tmp" in mounts, container.name  # noqa: S108


def test_the_spill_lies_on_a_volume(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder below it, which the gateway makes its own; a volume belongs to root."""
    [gateway] = cluster.workloads["gateway"].containers
    settings = read_settings("gateway", cluster.environment(gateway), monkeypatch)
    mounts = {mount["mountPath"]: mount["name"] for mount in gateway.spec["volumeMounts"]}
    assert mounts[str(getattr(settings, "spill_dir").parent)] == "spill"  # noqa: B009


def test_the_spill_has_room_for_a_dead_process_s_file_beside_its_own(cluster: Cluster) -> None:
    """A pod whose volume holds more than its limit is evicted, and takes what it holds with it."""
    [limit] = [
        volume["emptyDir"]["sizeLimit"]
        for volume in cluster.workloads["gateway"].pod["volumes"]
        if volume["name"] == "spill"
    ]
    assert int(limit.removesuffix("Gi")) * 2**30 > 2 * MAX_FILE_BYTES


def test_each_triton_has_a_gpu_where_there_are_some() -> None:
    """In the overlay `gpu`, and the image with the models for it."""
    [triton] = overlay("gpu").workloads["triton"].containers
    assert triton.spec["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert triton.spec["image"].endswith("-gpu")
    for name in ("dev", "prod"):
        [triton] = overlay(name).workloads["triton"].containers
        assert "nvidia.com/gpu" not in triton.spec["resources"]["limits"]
        assert triton.spec["image"].endswith("-embedded")


def test_only_models_without_memory_move_to_another_triton() -> None:
    """Connections to it end early in the overlay `gpu` alone: its recognizers keep nothing between two windows."""
    decoding = {}
    for path in (ROOT / "model_repository").glob("asr_*/config.pbtxt"):
        config = text_format.Parse(path.read_text(encoding="utf-8"), model_config_pb2.ModelConfig())
        if "gpu" in config.parameters["profile"].string_value.split():
            decoding[path.parent.name] = config.parameters["decoding"].string_value
    assert set(decoding.values()) == {"window"}
    for name in OVERLAYS:
        [triton] = overlay(name).workloads["triton"].containers
        ages = [flag for flag in triton.command if flag.startswith("--grpc-max-connection-age=")]
        assert bool(ages) == (name == "gpu")


def test_a_keeper_stands_beside_the_only_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads the models that Triton serves, and all services know it."""
    scaled = with_components("overlays/dev", "keda", "keeper").named("ScaledObject", "triton")["spec"]
    assert (scaled["minReplicaCount"], scaled["maxReplicaCount"]) == (1, 1)
    cluster = with_components("overlays/prod", "keeper")
    triton, keeper = cluster.workloads["triton"].containers
    assert cluster.named("HorizontalPodAutoscaler", "triton")["spec"]["maxReplicas"] == 1
    assert cluster.workloads["triton"].manifest["spec"]["strategy"] == {"type": "Recreate"}
    assert {"--model-control-mode=explicit", "--strict-readiness=false"} <= set(triton.command)
    settings = read_settings("livetranslate.keeper", cluster.environment(keeper), monkeypatch)
    folder = str(getattr(settings, "model_repository"))  # noqa: B009
    for container in (triton, keeper):
        assert {mount["mountPath"]: mount["name"] for mount in container.spec["volumeMounts"]}[folder] == "models"
    for name in SERVICES:
        [service] = cluster.workloads[name].containers
        assert cluster.environment(service)["LIVETRANSLATE_KEEPER_URL"] == "keeper:50055"
