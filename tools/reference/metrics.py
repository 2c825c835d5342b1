"""The page of the metrics, from the catalogue."""

from collections.abc import Iterator

from livetranslate.metrics import CATALOGUE
from livetranslate.prometheus import prometheus_label, prometheus_name

_INTRODUCTION = """\
# Metrics

What the services measure, by OpenTelemetry's names, with the names that Prometheus sees. Scrape them where
`LIVETRANSLATE_<NAME>_METRICS_LISTEN` says, or have them sent by OTLP. A histogram becomes `…_bucket`, `…_sum` and
`…_count`; attributes are written here as Prometheus labels. Triton has metrics of its own, at its own port:
`nv_inference_count / nv_inference_exec_count` is the mean batch, `nv_inference_pending_request_count` what waits.

No metric carries speech, text, an address or a session's id.

| metric | kind, unit | by | attributes | what |
|---|---|---|---|---|"""


def metrics_page() -> str:
    """A row for each metric."""
    return "\n".join([_INTRODUCTION, *_rows(), ""])


def _rows() -> Iterator[str]:
    for metric in CATALOGUE:
        names = f"`{metric.name}`<br>`{prometheus_name(metric)}`"
        kind = f"{metric.kind.value}, {metric.unit}" if metric.unit else metric.kind.value
        attributes = ", ".join(f"`{prometheus_label(name)}`" for name in metric.attributes)
        yield f"| {names} | {kind} | {', '.join(metric.services)} | {attributes} | {metric.description} |"
