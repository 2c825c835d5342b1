"""Every series that Prometheus can have of LiveTranslate, and its labels."""

from collections.abc import Iterator, Mapping
from functools import cache

from livetranslate.metrics import CATALOGUE, Kind, Metric
from livetranslate.prometheus import prometheus_label, prometheus_name
from tests.k8s.monitoring.files import recordings
from tests.k8s.monitoring.promql import parse

_BUCKET = frozenset({"le"})
_OF_THE_SCRAPE = frozenset({"namespace", "job", "instance"})

# Of Triton 2.51: https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html
_OF_TRITON: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "nv_inference_request_success",
            "nv_inference_count",
            "nv_inference_exec_count",
            "nv_inference_request_duration_us",
            "nv_inference_queue_duration_us",
            "nv_inference_compute_input_duration_us",
            "nv_inference_compute_infer_duration_us",
            "nv_inference_compute_output_duration_us",
            "nv_inference_pending_request_count",
        ),
        frozenset({"model", "version"}),
    ),
    "nv_inference_request_failure": frozenset({"model", "version", "reason"}),
    **dict.fromkeys(
        ("nv_gpu_utilization", "nv_gpu_memory_total_bytes", "nv_gpu_memory_used_bytes"), frozenset({"gpu_uuid"})
    ),
    "nv_cpu_utilization": frozenset(),
}

_OF_PROMETHEUS: Mapping[str, frozenset[str]] = {
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "process_cpu_seconds_total": frozenset(),
    "process_resident_memory_bytes": frozenset(),
    "process_start_time_seconds": frozenset(),
}


@cache
def known_series() -> Mapping[str, frozenset[str]]:
    """The labels of each series, by its name."""
    known = {**_OF_TRITON, **_OF_PROMETHEUS}
    for metric in CATALOGUE:
        labels = frozenset(map(prometheus_label, metric.attributes))
        known |= {name: labels | _BUCKET if name.endswith("_bucket") else labels for name in series_of(metric)}
    known = {name: labels | _OF_THE_SCRAPE for name, labels in known.items()}
    return known | {name: parse(expr).grouping_labels - _BUCKET for name, expr in recordings().items()}


def series_of(metric: Metric) -> Iterator[str]:
    """What Prometheus has of a metric of the catalogue."""
    name = prometheus_name(metric)
    if metric.kind is Kind.HISTOGRAM:
        yield from (f"{name}_bucket", f"{name}_count", f"{name}_sum")
    else:
        yield name
