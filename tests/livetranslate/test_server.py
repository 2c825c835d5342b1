import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from livetranslate import names
from livetranslate import server as server_module
from livetranslate.breakers import Breakers
from livetranslate.channel import OPTIONS, SPREAD
from livetranslate.errors import UnavailableError
from livetranslate.metrics import up_down_counter
from livetranslate.server import Drain, Server
from livetranslate.settings import ServiceSettings
from tests.dns_server import dns_server
from tests.gateway.measuring import Measurements

SERVICE = "livetranslate.v1.AsrService"
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def server_with(**settings: float) -> Server:
    return Server(ServiceSettings(listen="127.0.0.1:0", **settings), SERVICE)  # type: ignore[arg-type]


@asynccontextmanager
async def channel_to(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    port = await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.grpc.stop(0)


async def health_of(channel: grpc.aio.Channel, service: str) -> int:
    answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    return int(answer.status)


@pytest.mark.parametrize("service", ["", SERVICE])
async def test_reports_its_health(service: str) -> None:
    """A server that has started serves; one that drains does not, while it still answers."""
    server = server_with(drain_seconds=30)
    async with channel_to(server) as channel, asyncio.timeout(60):
        assert await health_of(channel, service) == SERVING
        with server.drain.stream():
            stopping = asyncio.create_task(server.stop())
            await server.drain.draining.wait()
            while await health_of(channel, service) != NOT_SERVING:
                continue
        await stopping


async def test_reports_what_it_depends_on() -> None:
    """A dependency whose breaker is open is NOT_SERVING, until it has answered again; the server itself serves on."""
    breakers = Breakers("triton", failure_limit=1, open_seconds=0.5)
    server = Server(ServiceSettings(listen="127.0.0.1:0"), SERVICE, breakers=breakers)
    async with channel_to(server) as channel, asyncio.timeout(60):
        assert await health_of(channel, "dependency/triton") == SERVING
        watching = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="dependency/triton"))
        assert (await watching.read()).status == SERVING
        with pytest.raises(UnavailableError):
            async with breakers.guarding("triton"):
                raise UnavailableError("AWAY", "It is away.")
        assert (await watching.read()).status == NOT_SERVING
        assert (await watching.read()).status == health_pb2.HealthCheckResponse.UNKNOWN
        assert await health_of(channel, SERVICE) == await health_of(channel, "") == SERVING
        async with breakers.guarding("triton"):
            pass
        assert (await watching.read()).status == SERVING
        watching.cancel()


async def test_reflection_lists_its_services() -> None:
    """Tools can ask which services there are."""
    async with channel_to(server_with()) as channel:
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        answer = await stub.ServerReflectionInfo(iter([request])).read()
    names = {service.name for service in answer.list_services_response.service}
    assert {SERVICE, "grpc.health.v1.Health"} <= names


async def test_a_taken_port_is_named() -> None:
    """The error says which address is in use."""
    server = server_with()
    port = await server.start()
    other = Server(ServiceSettings(listen=f"127.0.0.1:{port}"), SERVICE)
    with pytest.raises(UnavailableError, match=f"127.0.0.1:{port}"):
        await other.start()
    await other.grpc.stop(0)
    await server.grpc.stop(0)


async def test_a_draining_server_takes_no_stream() -> None:
    """Running streams are counted, new ones refused."""
    drain = Drain()
    with drain.stream():
        drain.draining.set()
        with pytest.raises(UnavailableError), drain.stream():
            pass
        assert not await drain.idle(0)
    assert await drain.idle(0)


async def test_running_streams_may_end_by_themselves() -> None:
    """A stream that ends in the first stage is never told to close."""
    server = server_with(drain_seconds=30)
    await server.start()
    async with asyncio.timeout(60):
        with server.drain.stream():
            stopping = asyncio.create_task(server.stop())
            await server.drain.draining.wait()
            assert not server.drain.closing.is_set()
        await stopping


@pytest.mark.parametrize("hurries", [False, True])
async def test_the_second_stage_closes(hurries: bool) -> None:
    """After the first stage, or at a second signal, streams are told to close, and the server waits for their end."""
    server = server_with(drain_seconds=300 if hurries else 0, flush_seconds=30)
    await server.start()
    hurry = asyncio.Event()
    async with asyncio.timeout(60):
        with server.drain.stream():
            stopping = asyncio.create_task(server.stop(hurry))
            await server.drain.draining.wait()
            if hurries:
                hurry.set()
            await server.drain.closing.wait()
            assert not stopping.done()
        await stopping


async def test_a_replica_that_is_added_is_found() -> None:
    """Within the age of a connection, by those who ask a name that it now stands for; streams go on where they are."""
    first = server_with(connection_age_seconds=1)
    first.health.set("first", SERVING)
    port = await first.start()
    second = Server(ServiceSettings(listen=f"127.0.0.2:{port}"), SERVICE)
    second.health.set("second", SERVING)
    await second.start()
    options = [*OPTIONS, ("grpc.service_config", json.dumps(SPREAD))]
    async with (
        asyncio.timeout(60),
        dns_server("127.0.0.1") as dns,
        grpc.aio.insecure_channel(f"dns://127.0.0.1:{dns.port}/some.service:{port}", options) as channel,
    ):
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service="first"))
        assert (await watch.read()).status == SERVING
        dns.addresses = ("127.0.0.1", "127.0.0.2")
        for replica in ("second", "first"):  # they take turns
            while not await knows(channel, replica):
                pass
        first.health.set("first", NOT_SERVING)
        assert (await watch.read()).status == NOT_SERVING
        watch.cancel()
    await first.grpc.stop(0)
    await second.grpc.stop(0)


async def knows(channel: grpc.aio.Channel, service: str) -> bool:
    """Whether the server that answers has such a service."""
    try:
        await health_of(channel, service)
    except grpc.aio.AioRpcError as error:
        assert error.code() is grpc.StatusCode.NOT_FOUND, error  # noqa: PT017 - nothing else may go wrong
        return False
    return True


def test_streams_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many streams run is measured from the start, and falls when one ends, however it ends."""
    measured = Measurements()
    monkeypatch.setattr(server_module, "_streams", up_down_counter(names.STREAMS, measured.meter))
    drain = Drain()
    assert measured.values(names.STREAMS) == {"": 0}
    with suppress(ValueError), drain.stream(), drain.stream():
        assert measured.values(names.STREAMS) == {"": 2}
        raise ValueError
    assert measured.values(names.STREAMS) == {"": 0}
