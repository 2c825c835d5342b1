"""What was measured, as Prometheus has it: names, labels, and exemplars, the traces of single measurements.

OpenTelemetry's own exporter for Prometheus drops exemplars, so what was measured is translated here. Names follow
OpenTelemetry's "Prometheus and OpenMetrics Compatibility": dots become underscores, the unit is written out at the
end, and a counter ends in `_total`.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from math import inf

from opentelemetry.sdk.metrics import Exemplar as Measurement
from opentelemetry.sdk.metrics.export import (
    Gauge,
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    Sum,
)
from opentelemetry.trace import format_span_id, format_trace_id
from opentelemetry.util.types import AttributeValue
from prometheus_client.core import Exemplar
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from livetranslate import metrics

_ANNOTATION = re.compile(r"\{.*\}")
_NOT_OF_A_NAME = re.compile(r"[^a-zA-Z0-9]+")
_UNITS = {"s": "seconds", "By": "bytes"}


def prometheus_name(row: metrics.Metric) -> str:
    """How Prometheus calls a metric of the catalogue; of a histogram, what stands before `_bucket` and the like."""
    name = "_".join(filter(None, [_sanitized(row.name), _unit(row.unit)]))
    return f"{name}_total" if row.kind is metrics.Kind.COUNTER else name


def prometheus_label(attribute: str) -> str:
    """How Prometheus calls an attribute."""
    return _sanitized(attribute)


class MetricsCollector(Collector):
    """Gives what a reader reads, each time it is asked; from any thread."""

    def __init__(self, reader: InMemoryMetricReader) -> None:
        """Read with `reader`, whom nobody else asks."""
        self._reader = reader

    def collect(self) -> Iterator[Family]:
        """Measure the gauges, and give everything."""
        data = self._reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            yield _target(resource)
            for scope in resource.scope_metrics:
                yield from filter(None, map(_family, scope.metrics))


def _target(resource: ResourceMetrics) -> Family:
    """Who is measured."""
    target = Family("target", "Who is measured.", "info")
    target.add_sample("target_info", _labels(resource.resource.attributes), 1)
    return target


def _family(metric: Metric) -> Family | None:
    """One metric with all its values; of a kind that Prometheus does not have, none."""
    about = _sanitized(metric.name), metric.description or ""
    unit = _unit(metric.unit or "")
    match metric.data:
        case Histogram(data_points=points):
            family = Family(*about, "histogram", unit)
            for point in points:
                _add_histogram(family, point)
        case Sum(data_points=points, is_monotonic=True):
            family = Family(*about, "counter", unit)
            _add_numbers(family, f"{family.name}_total", points)
        case Sum(data_points=points) | Gauge(data_points=points):
            family = Family(*about, "gauge", unit)
            _add_numbers(family, family.name, points)
        case _:
            return None
    return family


def _add_numbers(family: Family, name: str, points: Iterable[NumberDataPoint]) -> None:
    for point in points:
        family.add_sample(name, _labels(point.attributes), point.value)


def _add_histogram(family: Family, point: HistogramDataPoint) -> None:
    labels = _labels(point.attributes)
    exemplars = {bisect_left(point.explicit_bounds, exemplar.value): exemplar for exemplar in point.exemplars}
    count = 0
    for index, (bound, in_bucket) in enumerate(zip([*point.explicit_bounds, inf], point.bucket_counts, strict=True)):
        count += in_bucket
        bucket = {**labels, "le": floatToGoString(bound)}  # type: ignore[no-untyped-call]
        family.add_sample(f"{family.name}_bucket", bucket, count, exemplar=_exemplar(exemplars.get(index)))
    family.add_sample(f"{family.name}_count", labels, count)
    family.add_sample(f"{family.name}_sum", labels, point.sum)


def _exemplar(exemplar: Measurement | None) -> Exemplar | None:
    """The trace of one measurement in a bucket."""
    if exemplar is None or exemplar.trace_id is None or exemplar.span_id is None:
        return None
    trace = {"trace_id": format_trace_id(exemplar.trace_id), "span_id": format_span_id(exemplar.span_id)}
    return Exemplar(trace, exemplar.value, exemplar.time_unix_nano / 1e9)


def _labels(attributes: Mapping[str, AttributeValue] | None) -> dict[str, str]:
    return {_sanitized(name): _text(value) for name, value in (attributes or {}).items()}


def _text(value: AttributeValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)  # true, not True


def _unit(unit: str) -> str:
    """A unit of UCUM, written out; what is only counted, `{session}`, has none."""
    unit = _ANNOTATION.sub("", unit)
    return _UNITS.get(unit, _sanitized(unit))


def _sanitized(name: str) -> str:
    return _NOT_OF_A_NAME.sub("_", name)
