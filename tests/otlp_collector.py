"""An OTLP/HTTP endpoint that keeps what it is sent: spans (JSON from Triton, protobuf from Python) and metrics."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class CollectedSpan:
    """A span as it arrived; ids are hexadecimal, a root's `parent_id` is empty."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CollectedPoint:
    """A value of a metric as it arrived."""

    service: str
    name: str
    value: float
    attributes: dict[str, Any] = field(default_factory=dict)


class Collector(ThreadingHTTPServer):
    """Listens on a free port of loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Export)
        self.spans: list[CollectedSpan] = []
        self.points: list[CollectedPoint] = []
        self.bodies: list[bytes] = []  # all of it, as it came

    @property
    def endpoint(self) -> str:
        """For OTEL_EXPORTER_OTLP_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector while the block runs."""
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        try:
            yield collector
        finally:
            collector.shutdown()
            thread.join()


class _Export(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append(body)
        is_json = "json" in self.headers["Content-Type"]
        if self.path == "/v1/metrics":
            self.server.points += _points_of_protobuf(body)
        else:
            self.server.spans += _spans_of_json(json.loads(body)) if is_json else _spans_of_protobuf(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep the test's output quiet."""


def _spans_of_json(body: dict[str, Any]) -> Iterator[CollectedSpan]:
    for resource in body["resourceSpans"]:
        service = _attributes_of_json(resource["resource"]["attributes"]).get("service.name", "")
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                attributes = _attributes_of_json(span.get("attributes", []))
                ids = (span["traceId"], span["spanId"], span.get("parentSpanId", ""))
                yield CollectedSpan(service, span["name"], *ids, attributes)


def _attributes_of_json(pairs: list[dict[str, Any]]) -> dict[str, Any]:
    return {pair["key"]: next(iter(pair["value"].values())) for pair in pairs}


def _spans_of_protobuf(body: bytes) -> Iterator[CollectedSpan]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _attributes_of_protobuf(resource.resource.attributes).get("service.name", "")
        for scope in resource.scope_spans:
            for span in scope.spans:
                attributes = _attributes_of_protobuf(span.attributes)
                ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
                yield CollectedSpan(service, span.name, *ids, attributes)


def _points_of_protobuf(body: bytes) -> Iterator[CollectedPoint]:
    """The values of gauges and counters."""
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        service = _attributes_of_protobuf(resource.resource.attributes).get("service.name", "")
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in (*metric.gauge.data_points, *metric.sum.data_points):
                    attributes = _attributes_of_protobuf(point.attributes)
                    yield CollectedPoint(service, metric.name, point.as_int or point.as_double, attributes)


def _attributes_of_protobuf(pairs: Any) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}
