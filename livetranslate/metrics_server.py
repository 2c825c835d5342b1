"""Where Prometheus asks for the metrics: a small HTTP server beside the gRPC one, on a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import AF_INET, AF_INET6, SHUT_RDWR, socket
from socketserver import TCPServer
from threading import Thread
from typing import Any

import structlog
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, MetricsHandler, ProcessCollector

from livetranslate.addresses import host_and_port
from livetranslate.errors import UnavailableError
from livetranslate.prometheus import MetricsCollector

log = structlog.get_logger()

_CLIENT_SECONDS = 5  # who asks and then does not read must not keep the next one waiting
_STOP_POLL_SECONDS = 0.1  # a service ends that much later


@contextmanager
def serving_metrics(address: str, reader: InMemoryMetricReader) -> Iterator[int]:
    """Give what the reader reads to whoever asks at `HOST:PORT`, whatever the path; yields the port.

    OpenMetrics with exemplars for those who accept it, as Prometheus does; else Prometheus' older text.

    Raises:
        UnavailableError: The address cannot be listened on.
    """
    registry = CollectorRegistry()
    registry.register(MetricsCollector(reader))
    ProcessCollector(registry=registry)  # CPU time, memory and open files, as every process of Prometheus names them
    try:
        server = _Server(address, _Handler.factory(registry))
    except OSError:
        message = f"Cannot listen on {address} for metrics: is another process using the port?"
        raise UnavailableError("ADDRESS_IN_USE", message) from None
    with server:
        thread = Thread(target=server.serve_forever, args=(_STOP_POLL_SECONDS,), name="metrics", daemon=True)
        thread.start()
        port = int(server.server_address[1])
        log.info("listening for scrapes", address=address, port=port)
        try:
            yield port
        finally:
            server.leave_client()
            server.shutdown()
            thread.join()


class _Handler(MetricsHandler):
    timeout = _CLIENT_SECONDS


class _Server(TCPServer):
    """Answers one after the other: few ask, and a crowd must not take the time of the sessions."""

    allow_reuse_address = True  # a replica that is back listens where the one before did

    def __init__(self, address: str, handler: type[MetricsHandler]) -> None:
        host, port = host_and_port(address)
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self._client: socket | None = None
        super().__init__((host, port), handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer one, who may be left meanwhile."""
        self._client = request
        super().process_request(request, client_address)

    def leave_client(self) -> None:
        """Break off the answer under way: who reads slowly, or says nothing, must not keep the process from its end."""
        if (client := self._client) is not None:
            with suppress(OSError):  # it has been closed
                client.shutdown(SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        del request, client_address
        log.debug("a scrape was broken off")  # the next one gets the same and more
