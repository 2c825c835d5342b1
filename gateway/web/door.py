"""Opens the door: an HTTP server on the gateway's own event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from livetranslate.addresses import host_and_port
from livetranslate.errors import UnavailableError

log = structlog.get_logger()

_KEEP_ALIVE_SECONDS = 75  # longer than load balancers and clients keep an idle connection, so that they end it
_GRACE_SECONDS = 3  # for the last bytes, and a file of subtitles; sessions have been waited for by then
_WAITING_CONNECTIONS = 512  # until they are taken, which is a matter of milliseconds
_MAX_CONNECTIONS = 1_000  # idle ones, too; further ones get a bare 503


@asynccontextmanager
async def web_door(app: ASGIApp, address: str, *, shares_port: bool) -> AsyncIterator[None]:
    """Answer at an address while the block runs.

    Raises:
        UnavailableError: It cannot be listened on.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what is worth a line has been logged where it happened
        access_log=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        proxy_headers=False,
    )
    server = _Server(config)
    listening = _listen(address, shares_port=shares_port)
    log.info("listening for HTTP", address=address, port=listening.getsockname()[1])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([listening]))  # its failure is the process's
        try:
            yield
        finally:
            server.should_exit = True


class _Server(uvicorn.Server):
    """Uvicorn, but signals are the gateway's own affair."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(address: str, *, shares_port: bool) -> socket.socket:
    host, port = host_and_port(address)
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(place[:2], family=family, backlog=_WAITING_CONNECTIONS, reuse_port=shares_port)
    except OSError:
        message = f"Cannot listen on {address}: is another process using the port?"
        raise UnavailableError("ADDRESS_IN_USE", message) from None
    listening.setblocking(False)
    return listening
