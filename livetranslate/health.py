"""The standard health service (`grpc.health.v1.Health`).

The servicer of `grpcio-health-checking` loses its other watchers when one leaves, and gRPC's own load balancing
watches: a replica would drain unseen.
"""

import asyncio
from collections.abc import AsyncIterator

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
UNKNOWN = health_pb2.HealthCheckResponse.UNKNOWN
_NO_SUCH_SERVICE = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN

Context = grpc.aio.ServicerContext["health_pb2.HealthCheckRequest", "health_pb2.HealthCheckResponse"]


class Health(health_pb2_grpc.HealthServicer):  # type: ignore[misc] # the package has no types
    """The states of a server's services, by name."""

    def __init__(self) -> None:
        """Know no service."""
        self._statuses: dict[str, int] = {}
        self._watchers: set[asyncio.Event] = set()

    def set(self, service: str, status: int) -> None:
        """Change a state and tell those who watch."""
        self._statuses[service] = status
        for watcher in self._watchers:
            watcher.set()

    async def Check(
        self, request: "health_pb2.HealthCheckRequest", context: Context
    ) -> "health_pb2.HealthCheckResponse":
        """The state of a service; NOT_FOUND where there is none of that name."""
        if request.service not in self._statuses:
            await context.abort(grpc.StatusCode.NOT_FOUND)
        return health_pb2.HealthCheckResponse(status=self._statuses[request.service])

    async def Watch(
        self, request: "health_pb2.HealthCheckRequest", context: Context
    ) -> "AsyncIterator[health_pb2.HealthCheckResponse]":
        """The state of a service, now and at every change; a slow reader gets the newest."""
        del context
        has_news = asyncio.Event()
        self._watchers.add(has_news)
        told: int | None = None
        try:
            while True:
                has_news.clear()
                status = self._statuses.get(request.service, _NO_SUCH_SERVICE)
                if status != told:
                    told = status
                    yield health_pb2.HealthCheckResponse(status=status)
                await has_news.wait()
        finally:
            self._watchers.discard(has_news)
