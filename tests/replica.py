"""A service as a process of its own, to be killed: `python -m tests.replica NAME ADDRESS`."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc

from livetranslate.logs import set_up_logging
from livetranslate.server import Server, serve
from livetranslate.settings import ServiceSettings

NAME = "/test.Replica/Name"
HOLD = "/test.Replica/Hold"


@asynccontextmanager
async def replica(name: str, address: str = "127.0.0.1:0") -> AsyncIterator[tuple[Process, str]]:
    """The process and its address while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.replica", name, address, stderr=PIPE, cwd=Path(__file__).parents[1]
    )
    try:
        assert process.stderr is not None
        port = json.loads(await process.stderr.readline())["port"]
        yield process, f"127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run(name: str, address: str) -> None:
    """Answer NAME with the name, and HOLD with the name and then nothing, until told to stop."""

    async def say(_request: bytes, _context: Any) -> bytes:
        return name.encode()

    async def hold(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        with server.drain.stream():
            yield name.encode()
            await server.drain.closing.wait()

    server = Server(ServiceSettings(listen=address), "test.Replica")
    handlers: dict[str, Any] = {
        "Name": grpc.unary_unary_rpc_method_handler(say),
        "Hold": grpc.unary_stream_rpc_method_handler(hold),
    }
    server.grpc.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("test.Replica", handlers)])
    await serve(server)


if __name__ == "__main__":
    set_up_logging("info", "replica")
    asyncio.run(run(*sys.argv[1:]))
