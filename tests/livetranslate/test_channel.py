import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest

from livetranslate.channel import STICK, open_channel
from tests.replica import HOLD, NAME, replica

_SECONDS = 60  # for processes to start on a busy machine


async def name_of(channel: grpc.aio.Channel) -> str:
    """Which replica answers."""
    call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(NAME)
    return (await call(b"", wait_for_ready=True)).decode()


async def name_or_nothing(channel: grpc.aio.Channel) -> str:
    """Which replica answers, if any."""
    try:
        return await name_of(channel)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.UNAVAILABLE:
            raise
        return ""


async def names_of(channel: grpc.aio.Channel, count: int = 10) -> set[str]:
    return {await name_of(channel) for _ in range(count)}


@asynccontextmanager
async def held(channel: grpc.aio.Channel) -> "AsyncIterator[tuple[str, grpc.aio.UnaryStreamCall[bytes, bytes]]]":
    """A stream that stays open, and which replica has it."""
    multicallable: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(HOLD)
    call = multicallable(b"", wait_for_ready=True)
    name = await call.read()
    assert isinstance(name, bytes)
    yield name.decode(), call
    call.cancel()


async def until(channel: grpc.aio.Channel, names: set[str]) -> None:
    """Wait until exactly these replicas answer."""
    while await names_of(channel) != names:  # noqa: ASYNC110 - each round asks the servers
        await asyncio.sleep(0)


async def test_calls_and_streams_spread() -> None:
    """Replicas of one service take turns, with calls and with streams."""
    async with (
        asyncio.timeout(_SECONDS),
        replica("a") as (_, first),
        replica("b") as (_, second),
        open_channel(f"{first},{second}") as channel,
    ):
        await until(channel, {"a", "b"})
        async with held(channel) as (one, _), held(channel) as (other, _):
            assert {one, other} == {"a", "b"}


async def test_the_others_go_on_where_one_is_killed() -> None:
    """Once its streams have broken, all calls go to another replica; it takes part again within 2 s of its return."""
    async with (
        asyncio.timeout(_SECONDS),
        replica("a") as (process, first),
        replica("b") as (_, second),
        open_channel(f"{first},{second}") as channel,
    ):
        await until(channel, {"a", "b"})
        async with held(channel) as (one, stream), held(channel) as (_, other_stream):
            process.kill()
            broken = stream if one == "a" else other_stream
            assert await broken.code() is grpc.StatusCode.UNAVAILABLE
            assert await names_of(channel) == {"b"}
        await process.wait()
        async with replica("a", first):
            began = time.monotonic()
            await until(channel, {"a", "b"})
            assert time.monotonic() - began < 2


async def test_a_replica_that_drains_gets_nothing_new() -> None:
    """After SIGTERM its streams go on, and calls go elsewhere without a single refusal."""
    async with (
        asyncio.timeout(_SECONDS),
        replica("a") as (process, first),
        replica("b") as (_, second),
        open_channel(f"{first},{second}") as channel,
    ):
        await until(channel, {"a", "b"})
        async with held(channel) as (one, stream), held(channel) as (_, other_stream):
            process.send_signal(signal.SIGTERM)
            await until(channel, {"b"})
            assert not (stream if one == "a" else other_stream).done()
            assert await names_of(channel, 20) == {"b"}


async def test_a_frozen_replica_is_given_up() -> None:
    """A stream to a process that has stopped breaks within 10 s, though its connection is still there."""
    async with (
        asyncio.timeout(_SECONDS),
        replica("a") as (process, address),
        open_channel(address) as channel,
        held(channel) as (_, stream),
    ):
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        assert await stream.code() is grpc.StatusCode.UNAVAILABLE
        assert time.monotonic() - began < 10


async def test_sticking_keeps_to_one() -> None:
    """All calls go to one replica; when it is killed, to the other, after a few that fail at most."""
    async with (
        asyncio.timeout(_SECONDS),
        replica("a") as (first_process, first),
        replica("b") as (second_process, second),
        open_channel(f"{first},{second}", STICK) as channel,
    ):
        async with held(channel) as (chosen, stream):
            assert await names_of(channel) == {chosen}
            (first_process if chosen == "a" else second_process).kill()
            assert await stream.code() is grpc.StatusCode.UNAVAILABLE
        while (name := await name_or_nothing(channel)) == "":
            continue
        assert {chosen, name} == {"a", "b"}
        assert await names_of(channel) == {name}


@pytest.mark.parametrize(
    ("listen", "host"), [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("[::1]", "[::1]")]
)
async def test_is_found_by_name_and_number(listen: str, host: str) -> None:
    """A service is found by its name, its IPv4 and its IPv6 address."""
    async with asyncio.timeout(_SECONDS), replica("a", f"{listen}:0") as (_, address):
        channel = open_channel(f"{host}:{address.rpartition(':')[2]}")
        assert await name_of(channel) == "a"
        await channel.close()
