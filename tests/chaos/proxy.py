"""A way between two processes that can be broken: a small TCP proxy on loopback."""

import asyncio
import math
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from livetranslate.stack.ports import HOST

_PIECE_BYTES = 64 * 1024
_LOAD_SECONDS = 1.0  # how far back `load` looks
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for zero seconds: the other side gets RST


class Proxy:
    """Passes on what connects to it, both ways, to `upstream`.

    Attributes:
        upstream: `HOST:PORT`, or the path of a Unix socket; may change, and counts for new connections.
    """

    def __init__(self, upstream: str) -> None:
        """Used by `start`."""
        self.upstream = upstream
        self._open = asyncio.Event()
        self._open.set()
        self._connections: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.WriteTransport] = set()
        self._load, self._load_at = 0.0, time.monotonic()

    @classmethod
    async def start(cls, upstream: str = "") -> Self:
        """Listens on a free port."""
        proxy = cls(upstream)
        proxy._server = await asyncio.start_server(proxy._connected, HOST, 0)
        return proxy

    _server: asyncio.Server

    async def aclose(self) -> None:
        """Closes every connection and listens no more."""
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{HOST}:{self._server.sockets[0].getsockname()[1]}"

    @property
    def load(self) -> float:
        """Bytes passed on about the last second, both ways."""
        return self._load * math.exp((self._load_at - time.monotonic()) / _LOAD_SECONDS)

    def reset(self) -> None:
        """Breaks all connections at once; new ones are welcome."""
        for transport in self._transports:
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            transport.abort()

    def swallow(self) -> None:
        """Becomes a black hole: nothing comes out any more, and nobody is told."""
        self._open.clear()

    def release(self) -> None:
        """Passes on again, first what has come in meanwhile."""
        self._open.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        with self._held(writer):
            await self._open.wait()
            try:
                upstream_reader, upstream_writer = await self._connect()
            except OSError:  # nobody listens there: whoever connected is told by the end of its connection
                return
            with self._held(upstream_writer):
                await self._pass_on(reader, upstream_writer, upstream_reader, writer)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.upstream.startswith("/"):
            return await asyncio.open_unix_connection(self.upstream)
        host, _, port = self.upstream.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    @contextmanager
    def _held(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        self._transports.add(writer.transport)
        try:
            yield
        finally:
            self._transports.discard(writer.transport)
            writer.close()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        upstream_writer: asyncio.StreamWriter,
        upstream_reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Until either side ends, which ends the other: neither gRPC nor PostgreSQL lives on half a connection."""
        ways = (self._pump(reader, upstream_writer), self._pump(upstream_reader, writer))
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE_BYTES):
            await self._open.wait()
            self._load, self._load_at = self.load + len(piece), time.monotonic()
            writer.write(piece)
            await writer.drain()
