import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from livetranslate.stack.triton import TritonOptions, start_triton
from livetranslate.triton import TritonClient

ROOT = Path(__file__).parents[2]
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT_ID = "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """An OTLP/HTTP endpoint that keeps the spans it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Export)
        self.spans: list[dict[str, Any]] = []


class _Export(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for resource in body["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                self.server.spans.extend(scope["spans"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep the test's output quiet."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_a_request_with_a_trace_context_is_traced_below_it(collector: Collector, tmp_path: Path) -> None:
    """Its spans belong to the caller's trace; a request without a context leaves none."""
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    options = TritonOptions(model_repository=ROOT / "bench" / "models", profile="null", otlp_endpoint=endpoint)
    server = start_triton(options, tmp_path)
    try:
        client = TritonClient(server.grpc_address)
        inputs = {"TEXT": ["hello"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}
        await client.infer("mt_null", inputs, timeout_seconds=10, traceparent=f"00-{TRACE_ID}-{PARENT_ID}-01")
        await client.infer("mt_null", inputs, timeout_seconds=10)
        await client.close()
    finally:
        server.stop()  # exports what is left
    assert {span["traceId"] for span in collector.spans} == {TRACE_ID}
    assert [span["name"] for span in collector.spans if span["parentSpanId"] == PARENT_ID] == ["InferRequest"]
    assert "mt_null" in {span["name"] for span in collector.spans}
