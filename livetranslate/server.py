"""A service's gRPC server: health, reflection, limits, keepalive and the drain in two stages.

On SIGTERM or SIGINT:

1. The health service answers NOT_SERVING and new streams are refused; running ones go on for `drain_seconds`.
2. `Drain.closing` is set, at which streams end: those of mt and tts answer what they have, those of asr and the gateway
   break off, to go on at another replica. After `flush_seconds` the rest are cancelled.

A second signal goes to stage 2 at once. A server without streams stops at once.

Health tells whether the process is ready to be used: it goes on serving while something that it needs is away, for an
outage of the database must not take every replica out of rotation. What it needs has states of its own, under
`dependency/<name>`: NOT_SERVING while the breaker is open, UNKNOWN until the next call has gone well.
"""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH_SERVICE

from livetranslate import names
from livetranslate.breakers import Breakers, BreakerState
from livetranslate.errors import UnavailableError
from livetranslate.health import NOT_SERVING, SERVING, UNKNOWN, Health
from livetranslate.interceptor import StatusInterceptor
from livetranslate.metrics import up_down_counter
from livetranslate.reflection import enable_reflection
from livetranslate.settings import ServiceSettings

log = structlog.get_logger()

_streams = up_down_counter(names.STREAMS)

_CLEANUP_SECONDS = 3  # for cancelled streams to give back what they hold elsewhere

_HEALTH_OF_STATE = {BreakerState.CLOSED: SERVING, BreakerState.HALF_OPEN: UNKNOWN, BreakerState.OPEN: NOT_SERVING}


class Drain:
    """Where the server is on its way down, and how many streams still run."""

    def __init__(self) -> None:
        """Start out serving."""
        self.draining = asyncio.Event()
        self.closing = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stream_count = 0
        _streams.add(0)  # shown from the start

    @contextlib.contextmanager
    def stream(self) -> Iterator[None]:
        """Count a stream while it runs.

        Raises:
            UnavailableError: The server is about to stop.
        """
        if self.draining.is_set():
            raise UnavailableError("DRAINING", "This server is about to stop. Connect again to reach another one.")
        self._stream_count += 1
        _streams.add(1)
        self._idle.clear()
        try:
            yield
        finally:
            self._stream_count -= 1
            _streams.add(-1)
            if not self._stream_count:
                self._idle.set()

    async def idle(self, timeout_seconds: float) -> bool:
        """Wait until no stream runs; whether that came in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._idle.wait()
        return self._idle.is_set()


class Server:
    """One service behind one address."""

    def __init__(
        self,
        settings: ServiceSettings,
        *service_names: str,
        breakers: Breakers | None = None,
        shares_port: bool = False,
    ) -> None:
        """Make the server.

        Args:
            settings: Those that every service has.
            service_names: The full proto names of its services, for health and reflection.
            breakers: Those of the process: their states show in health.
            shares_port: Whether other processes may listen on the port, too; otherwise a taken one is an error.
        """
        self.drain = Drain()
        self._settings = settings
        self._service_names = ["", *service_names]
        self.health = Health()
        self.grpc = grpc.aio.server(
            interceptors=[StatusInterceptor()],
            options=[
                ("grpc.so_reuseport", int(shares_port)),
                ("grpc.max_receive_message_length", settings.receive_limit_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.keepalive_time_ms", round(settings.keepalive_seconds * 1000)),
                ("grpc.keepalive_timeout_ms", round(settings.keepalive_timeout_seconds * 1000)),
                ("grpc.http2.ping_timeout_ms", round(settings.keepalive_timeout_seconds * 1000)),  # else a minute
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", 2000),  # twice as eager as `open_channel`
                ("grpc.max_connection_age_ms", round(settings.connection_age_seconds * 1000)),  # streams go on after it
            ],
        )
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self.grpc)
        enable_reflection(self.grpc, *service_names, HEALTH_SERVICE)
        if breakers is not None:
            self._report_dependencies(breakers)

    async def start(self) -> int:
        """Listen and report SERVING; returns the port.

        Raises:
            UnavailableError: The address cannot be listened on.
        """
        address = self._settings.listen
        try:
            port = self.grpc.add_insecure_port(address)
        except RuntimeError:
            message = f"Cannot listen on {address}: is another process using the port?"
            raise UnavailableError("ADDRESS_IN_USE", message) from None
        await self.grpc.start()
        self._report(SERVING)
        log.info("listening", address=address, port=port)
        return port

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Drain in two stages; `hurry` cuts the first one short."""
        self.drain.draining.set()
        self._report(NOT_SERVING)
        hurried = asyncio.ensure_future((hurry or asyncio.Event()).wait())
        idle = asyncio.ensure_future(self.drain.idle(self._settings.drain_seconds))
        await asyncio.wait((hurried, idle), return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        idle.cancel()
        self.drain.closing.set()
        await self.drain.idle(self._settings.flush_seconds)
        await self.grpc.stop(grace=0.5)  # for the last bytes of streams that have just ended
        await self.drain.idle(_CLEANUP_SECONDS)
        log.info("stopped")

    def _report(self, status: int) -> None:
        for name in self._service_names:
            self.health.set(name, status)

    def _report_dependencies(self, breakers: Breakers) -> None:
        def report(dependency: str, state: BreakerState) -> None:
            self.health.set(f"dependency/{dependency}", _HEALTH_OF_STATE[state])

        breakers.on_change(report)
        for dependency in breakers.dependencies:
            report(dependency, breakers.state(dependency))


async def serve(server: Server) -> None:
    """Run until SIGTERM or SIGINT, then drain."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (hurry if stop.is_set() else stop).set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    await server.start()
    await stop.wait()
    await server.stop(hurry)
