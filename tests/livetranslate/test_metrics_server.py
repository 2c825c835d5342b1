import socket
import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

import psutil
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from livetranslate import metrics, names
from livetranslate.errors import UnavailableError
from livetranslate.metrics_server import serving_metrics
from livetranslate.telemetry import trace_context

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def reader() -> InMemoryMetricReader:
    """Of a service that has measured one lag."""
    reader = InMemoryMetricReader()
    lag = metrics.histogram(names.COMMIT_LAG, MeterProvider([reader]).get_meter("test"))
    lag.record(0.25, context=trace_context(TRACEPARENT))
    return reader


@pytest.fixture
def port(reader: InMemoryMetricReader) -> Iterator[int]:
    with serving_metrics("127.0.0.1:0", reader) as port:
        yield port


def fetch(host: str, port: int, accept: str) -> str:
    with urlopen(Request(f"http://{host}:{port}/metrics", headers={"Accept": accept})) as answer:
        return str(answer.read().decode())


def test_whoever_takes_openmetrics_gets_exemplars(port: int) -> None:
    """Prometheus gets OpenMetrics, with the trace of what was measured; and how the process fares."""
    text = fetch("127.0.0.1", port, OPENMETRICS)
    assert 'trace_id="0af7651916cd43dd8448eb211c80319c"' in text
    assert "process_resident_memory_bytes" in text
    assert text.endswith("# EOF\n")


def test_others_get_the_older_text(port: int) -> None:
    """Who does not ask for OpenMetrics gets the same numbers in Prometheus' own format, which has no exemplars."""
    text = fetch("127.0.0.1", port, "text/plain")
    assert 'livetranslate_commit_lag_seconds_bucket{le="0.3"} 1.0\n' in text
    assert "trace_id" not in text


def test_who_leaves_does_not_disturb(port: int) -> None:
    """After somebody who asked and left without reading, the next one is answered."""
    with socket.create_connection(("127.0.0.1", port)) as impatient:
        impatient.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not an end
        impatient.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    assert "livetranslate_commit_lag_seconds" in fetch("127.0.0.1", port, "text/plain")


def test_listens_on_ipv6(reader: InMemoryMetricReader) -> None:
    """An IPv6 address is written in brackets, as everywhere."""
    if not socket.has_ipv6 or not _has_ipv6_loopback():
        pytest.skip("this machine has no IPv6")
    with serving_metrics("[::1]:0", reader) as port:
        assert "livetranslate_commit_lag_seconds" in fetch("[::1]", port, "text/plain")


def test_a_taken_port_is_told(port: int, reader: InMemoryMetricReader) -> None:
    """A port that another process has is refused with its address."""
    message = f"Cannot listen on 127.0.0.1:{port} for metrics"
    with pytest.raises(UnavailableError, match=message), serving_metrics(f"127.0.0.1:{port}", reader):
        pytest.fail("two servers on a port")


def test_leaves_nothing_behind(reader: InMemoryMetricReader) -> None:
    """The port is free again when the block ends."""
    with serving_metrics("127.0.0.1:0", reader) as port:
        pass
    with serving_metrics(f"127.0.0.1:{port}", reader):
        pass


def test_who_says_nothing_does_not_keep_it_from_its_end(reader: InMemoryMetricReader) -> None:
    """A service ends at once though somebody has connected and asks nothing."""
    with serving_metrics("127.0.0.1:0", reader) as port:
        silent = socket.create_connection(("127.0.0.1", port))
        while not is_answering(port):
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 3  # it gives a client 5 s
    silent.close()


def is_answering(port: int) -> bool:
    """Whether the server has taken somebody's connection."""
    connections = psutil.Process().net_connections("tcp4")
    return any(here.laddr.port == port and here.status == psutil.CONN_ESTABLISHED for here in connections)


def _has_ipv6_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
