import math

import pytest
from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from livetranslate import metrics, names
from livetranslate.prometheus import MetricsCollector, prometheus_label, prometheus_name
from livetranslate.telemetry import trace_context

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Service:
    """Something that measures, and is read as Prometheus reads."""

    def __init__(self) -> None:
        reader = InMemoryMetricReader()
        provider = MeterProvider([reader], Resource({"service.name": "asr"}))
        self.meter = provider.get_meter("test")
        self._registry = CollectorRegistry()
        self._registry.register(MetricsCollector(reader))

    def scrape(self) -> dict[str, Metric]:
        """By the names of their families; parsed as strictly as OpenMetrics demands."""
        text = generate_latest(self._registry).decode()  # type: ignore[no-untyped-call]
        families = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
        return {family.name: family for family in families}


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_counter_ends_in_total(service: Service) -> None:
    """A counter of seconds says so, and that it is a total."""
    speech = metrics.counter(names.SPEECH_MADE, service.meter)
    speech.add(1.5, {names.MODEL: "tts_null", names.LANGUAGE: "es"})
    speech.add(1.0, {names.MODEL: "tts_null", names.LANGUAGE: "es"})
    (sample,) = service.scrape()["livetranslate_speech_duration_seconds"].samples
    assert sample.name == "livetranslate_speech_duration_seconds_total"
    assert sample.labels == {"livetranslate_model": "tts_null", "livetranslate_language": "es"}
    assert sample.value == 2.5


def test_what_rises_and_falls_is_a_gauge(service: Service) -> None:
    """An up-down counter and a gauge are both gauges; what is counted has no unit."""
    metrics.up_down_counter(names.STREAMS, service.meter).add(3)
    metrics.gauge(names.STORE_SPILLED, lambda _: [Observation(7)], service.meter)
    families = service.scrape()
    assert families["livetranslate_stream_active"].type == "gauge"
    assert families["livetranslate_stream_active"].samples[0].value == 3
    assert families["livetranslate_store_spilled_bytes"].samples[0].value == 7


def test_a_histogram_counts_up(service: Service) -> None:
    """A histogram's buckets have the bounds of the catalogue, and each counts those below it, too."""
    lag = metrics.histogram(names.COMMIT_LAG, service.meter)
    for seconds in (0.01, 0.1, 0.15, 100):
        lag.record(seconds)
    samples = service.scrape()["livetranslate_commit_lag_seconds"].samples
    buckets = {float(sample.labels["le"]): sample.value for sample in samples if sample.name.endswith("_bucket")}
    assert (buckets[0.05], buckets[0.1], buckets[0.2], buckets[20], buckets[math.inf]) == (1, 2, 3, 3, 4)
    assert {sample.name.rpartition("_")[2]: sample.value for sample in samples[-2:]} == {"count": 4, "sum": 100.26}


def test_a_measurement_shows_its_trace(service: Service) -> None:
    """The bucket of what was measured within a trace has that trace as its exemplar; others have none."""
    lag = metrics.histogram(names.COMMIT_LAG, service.meter)
    lag.record(0.25, context=trace_context(f"00-{TRACE_ID}-{SPAN_ID}-01"))
    lag.record(2.5, context=trace_context(""))
    samples = service.scrape()["livetranslate_commit_lag_seconds"].samples
    exemplars = {sample.labels["le"]: sample.exemplar for sample in samples if sample.exemplar}
    assert list(exemplars) == ["0.3"]
    assert exemplars["0.3"].labels == {"trace_id": TRACE_ID, "span_id": SPAN_ID}
    assert exemplars["0.3"].value == 0.25


def test_who_is_measured_is_told(service: Service) -> None:
    """The service's name is there as `target_info`."""
    metrics.up_down_counter(names.STREAMS, service.meter).add(1)
    (sample,) = service.scrape()["target"].samples
    assert (sample.name, sample.labels) == ("target_info", {"service_name": "asr"})


def test_nothing_measured_is_nothing_to_tell(service: Service) -> None:
    """Before anything was measured a scrape is answered all the same."""
    assert service.scrape() == {}


@pytest.mark.parametrize("row", metrics.CATALOGUE, ids=lambda row: row.name)
def test_names_are_those_that_are_scraped(service: Service, row: metrics.Metric) -> None:
    """`prometheus_name` and `prometheus_label` say what is found in a scrape, for each row of the catalogue."""
    attributes = dict.fromkeys(row.attributes, "x")
    match row.kind:
        case metrics.Kind.COUNTER:
            metrics.counter(row.name, service.meter).add(1, attributes)
        case metrics.Kind.UP_DOWN_COUNTER:
            metrics.up_down_counter(row.name, service.meter).add(1, attributes)
        case metrics.Kind.HISTOGRAM:
            metrics.histogram(row.name, service.meter).record(1, attributes)
        case metrics.Kind.GAUGE:
            metrics.gauge(row.name, lambda _: [Observation(1, attributes)], service.meter)
    families = service.scrape()
    del families["target"]
    (family,) = families.values()
    sample = family.samples[0]
    assert sample.name == prometheus_name(row) + ("_bucket" if row.kind is metrics.Kind.HISTOGRAM else "")
    assert sample.labels.keys() - {"le"} == set(map(prometheus_label, row.attributes))
