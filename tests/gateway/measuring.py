"""A meter whose measurements can be read back."""

from collections import defaultdict
from collections.abc import Mapping

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.trace import format_trace_id

from livetranslate.metrics import CATALOGUE

_ATTRIBUTES = {metric.name: metric.attributes for metric in CATALOGUE}


class Measurements:
    """All that was measured with `meter`, by metric and by its attributes in the catalogue's order."""

    def __init__(self) -> None:
        self._reader = InMemoryMetricReader()
        self.meter = MeterProvider([self._reader]).get_meter("test")
        self._traces: dict[str, set[str]] = defaultdict(set)  # exemplars can be read once

    def values(self, name: str) -> dict[str, float]:
        """What a counter or a gauge shows."""
        points = self._points(name)
        return {label: round(point.value, 6) for label, point in points if isinstance(point, NumberDataPoint)}

    def counted(self, name: str) -> dict[str, float]:
        """What there was any of."""
        return {label: value for label, value in self.values(name).items() if value}

    def recorded(self, name: str) -> dict[str, tuple[int, float]]:
        """How often something was measured, and the sum."""
        points = [(label, point) for label, point in self._points(name) if isinstance(point, HistogramDataPoint)]
        return {label: (point.count, round(point.sum, 6)) for label, point in points}

    def traces(self, name: str) -> set[str]:
        """The traces that exemplars lead to."""
        self._points(name)
        return self._traces[name]

    def _points(self, name: str) -> list[tuple[str, NumberDataPoint | HistogramDataPoint]]:
        data = self._reader.get_metrics_data()
        found = []
        for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else ():
            for point in metric.data.data_points:
                assert isinstance(point, NumberDataPoint | HistogramDataPoint)
                self._traces[metric.name] |= {format_trace_id(one.trace_id) for one in point.exemplars if one.trace_id}
                if metric.name == name:
                    found.append((_label(name, dict(point.attributes or {})), point))
        return found


def _label(name: str, attributes: Mapping[str, object]) -> str:
    assert attributes.keys() == set(_ATTRIBUTES[name]), "the catalogue says what there is"
    return " ".join(str(attributes[key]) for key in _ATTRIBUTES[name])
