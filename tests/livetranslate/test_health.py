import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from livetranslate.health import NOT_SERVING, SERVING, Health

REQUEST = health_pb2.HealthCheckRequest(service="captions")


@asynccontextmanager
async def serving(health: Health) -> AsyncIterator[Any]:
    """A stub of a server with this health."""
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel, asyncio.timeout(60):
            yield health_pb2_grpc.HealthStub(channel)
    finally:
        await server.stop(0)


async def test_says_how_a_service_is() -> None:
    """A service is as it was set last; one that nobody set is not found."""
    health = Health()
    health.set("captions", SERVING)
    async with serving(health) as stub:
        assert (await stub.Check(REQUEST)).status == SERVING
        health.set("captions", NOT_SERVING)
        assert (await stub.Check(REQUEST)).status == NOT_SERVING
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await stub.Check(health_pb2.HealthCheckRequest(service="juggling"))
    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND


async def test_watchers_hear_of_changes_when_others_have_left() -> None:
    """A watcher that leaves takes the news from nobody."""
    health = Health()
    health.set("captions", SERVING)
    async with serving(health) as stub:
        leaving, staying = stub.Watch(REQUEST), stub.Watch(REQUEST)
        assert ((await leaving.read()).status, (await staying.read()).status) == (SERVING, SERVING)
        leaving.cancel()
        while len(health._watchers) > 1:
            await stub.Check(REQUEST)  # a round trip: the server has had its turn
        health.set("captions", NOT_SERVING)
        assert (await staying.read()).status == NOT_SERVING
        staying.cancel()


async def test_a_service_can_be_awaited() -> None:
    """Who watches a service that nobody knows hears when it is known."""
    health = Health()
    async with serving(health) as stub:
        watching = stub.Watch(REQUEST)
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
        health.set("captions", SERVING)
        assert (await watching.read()).status == SERVING
        watching.cancel()
