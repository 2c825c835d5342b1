"""What the autoscalers ask for is measured, and means what they take it for."""

import re

import pytest
import yaml

from gateway.settings import GatewaySettings
from livetranslate import names
from livetranslate.metrics import CATALOGUE, Kind
from tests.k8s.rendering import K8S, Cluster, overlay, with_components

SESSIONS, STREAMS, PENDING = (
    "livetranslate_session_active",
    "livetranslate_stream_active",
    "nv_inference_pending_request_count",
)
ASKED = {"gateway": SESSIONS, "asr": STREAMS, "mt": STREAMS, "tts": STREAMS, "triton": PENDING}


@pytest.fixture
def cluster() -> Cluster:
    return overlay("prod")


def test_each_part_is_scaled_by_what_it_is_busy_with(cluster: Cluster) -> None:
    """Sessions, streams, and requests that wait; Triton's own metric is named by NVIDIA."""
    asked = {}
    for autoscaler in cluster.of_kind("HorizontalPodAutoscaler"):
        [metric] = autoscaler["spec"]["metrics"]
        asked[autoscaler["metadata"]["name"]] = metric["pods"]["metric"]["name"]
    assert asked == ASKED


def test_the_names_are_those_of_the_catalogue() -> None:
    """As Prometheus has them: dots become underscores, and a unit in braces is left out."""
    by_name = {metric.name: metric for metric in CATALOGUE}
    for name, prometheus_name in ((names.SESSIONS, SESSIONS), (names.STREAMS, STREAMS)):
        assert name.replace(".", "_") == prometheus_name
        assert by_name[name].kind is Kind.UP_DOWN_COUNTER
        assert re.fullmatch(r"{\w+}", by_name[name].unit)
    for part in ("asr", "mt", "tts"):
        assert part in by_name[names.STREAMS].services


def test_there_is_a_new_gateway_before_one_is_full(cluster: Cluster) -> None:
    """With room for the sessions that come until it is ready."""
    [metric] = cluster.named("HorizontalPodAutoscaler", "gateway")["spec"]["metrics"]
    limit = GatewaySettings.model_fields["max_sessions"].default
    assert int(metric["pods"]["target"]["averageValue"]) <= 0.7 * limit


def test_the_adapter_offers_what_is_asked_for() -> None:
    """One rule, by the namespace and the pod that Prometheus notes."""
    values = yaml.safe_load(
        (K8S / "components" / "autoscaling" / "prometheus-adapter.yaml").read_text(encoding="utf-8")
    )
    [rule] = values["rules"]["custom"]
    [offered] = re.findall(r'__name__=~"([^"]+)"', rule["seriesQuery"])
    assert set(offered.split("|")) == set(ASKED.values())
    assert set(rule["resources"]["overrides"]) == {"namespace", "pod"}


def test_keda_scales_alike(cluster: Cluster) -> None:
    """The same bounds for the same parts, asked from Prometheus itself."""
    scaled = {
        each["metadata"]["name"]: each["spec"] for each in with_components("base", "keda").of_kind("ScaledObject")
    }
    assert set(scaled) == set(ASKED)
    for name, spec in scaled.items():
        autoscaler = cluster.named("HorizontalPodAutoscaler", name)["spec"]
        [trigger] = spec["triggers"]
        assert trigger["metadata"]["query"] == f'sum({ASKED[name]}{{namespace="livetranslate",job="{name}"}})'
        assert trigger["metadata"]["threshold"] == autoscaler["metrics"][0]["pods"]["target"]["averageValue"]
        assert spec["scaleTargetRef"]["name"] == autoscaler["scaleTargetRef"]["name"]
        bounds = (spec["minReplicaCount"], spec["maxReplicaCount"])
        assert bounds == (autoscaler["minReplicas"], autoscaler["maxReplicas"])
        assert spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == autoscaler["behavior"]
