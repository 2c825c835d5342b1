"""A bare `grpc.aio` bidirectional echo: the least that one hop in Python can cost.

`python -m bench.echo HOST:PORT` serves it.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

from bench.load import Load, Note, Speaker
from bench.session import OWN_CONNECTION
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.process import Process

ROUND_TRIP = "echo: round trip"

_SERVICE, _METHOD = "bench.Echo", "Echo"


@contextmanager
def echo_server(folder: Path) -> Iterator[tuple[str, int]]:
    """An echo in a process of its own while the block runs: its address and its process id."""
    address = f"{HOST}:{free_ports(1)[0]}"
    argv = [sys.executable, "-m", "bench.echo", address]
    process = Process.start("echo", argv, env=os.environ, log_path=folder / "echo.log")
    try:
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=10)
        yield address, process.pid
    finally:
        process.stop(grace_seconds=2)


async def play_echo(load: Load, speaker: Speaker, note: Note) -> None:
    """Speak to the echo, and note when each chunk came back."""
    async with grpc.aio.insecure_channel(load.address, options=OWN_CONNECTION) as channel:
        call: Any = channel.stream_stream(f"/{_SERVICE}/{_METHOD}")()
        sent: list[float] = []

        async def speak() -> None:
            async for chunk in speaker.chunks(note):
                sent.append(time.monotonic())
                await call.write(chunk)
            await call.done_writing()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(speak())
            count = 0
            async for _ in call:
                now = time.monotonic()
                note(ROUND_TRIP, now, now - sent[count])
                count += 1


async def _echo(requests: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request


async def _serve(address: str) -> None:
    server = grpc.aio.server()
    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {_METHOD: grpc.stream_stream_rpc_method_handler(_echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, methods),))
    server.add_insecure_port(address)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
