"""Runs the gateway: `python -m gateway`."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from types import ModuleType
from typing import Any

from gateway.admission import Admission
from gateway.capabilities import Hops
from gateway.metrics import GatewayMetrics
from gateway.pressure import Bounds, Pressure
from gateway.pressure_watch import PressureWatch
from gateway.service import LiveTranslateService
from gateway.sessions import SessionService
from gateway.settings import GatewaySettings
from gateway.store.bus import SessionBus
from gateway.store.database import POSTGRES, Database
from gateway.store.health import StoreHealth
from gateway.store.housekeeper import Housekeeper
from gateway.store.session_log import SessionLog
from gateway.store.spill import SpillFolder
from gateway.store.writer import StoreWriter
from gateway.viewers import Viewers
from livetranslate.breakers import Breakers
from livetranslate.channel import open_channel
from livetranslate.load_meter import LoadMeter
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.v1 import asr_pb2_grpc, gateway_pb2_grpc, mt_pb2_grpc, tts_pb2_grpc


async def run(settings: GatewaySettings) -> None:
    replica_id = secrets.token_hex(8)
    breakers = Breakers("asr", "mt", "tts", POSTGRES)
    async with AsyncExitStack() as stack:
        database = await Database.open(
            settings.database_url, breakers=breakers, timeout_seconds=settings.database_wait_seconds
        )
        stack.push_async_callback(database.aclose)
        await database.migrate()
        riva = riva_door() if settings.riva else None
        server = Server(
            settings,
            "livetranslate.v1.LiveTranslateService",
            "livetranslate.v1.SessionService",
            *(riva.SERVICE_NAMES if riva else ()),
            breakers=breakers,
            shares_port=settings.shares_port,
        )
        health = StoreHealth()
        writer = StoreWriter(
            SessionLog(database).write, spill=SpillFolder(settings.spill_dir), on_availability=health.note
        )
        await stack.enter_async_context(writer)
        pressure = Pressure(Bounds(settings.queue_wait_bound_ms / 1000, settings.loop_delay_bound_ms / 1000))
        pressure_watch = PressureWatch(pressure, LoadMeter())
        await stack.enter_async_context(running(pressure_watch.run()))
        admission = Admission(
            settings.max_sessions, sessions_per_second=settings.sessions_per_second, pressure=pressure
        )
        bus = SessionBus(settings.database_url)
        bus.on_taken_over(admission.supersede)
        await stack.enter_async_context(running(bus.run()))
        housekeeper = Housekeeper(
            database, replica_id, window_seconds=settings.resume_seconds, running=admission.generations
        )
        await stack.enter_async_context(running(housekeeper.run()))
        viewers = Viewers(bus)
        metrics = GatewayMetrics(viewers, bus, writer, database)
        await stack.enter_async_context(running(metrics.run()))
        hops = await open_hops(settings, stack)
        codec_threads = stack.enter_context(ThreadPoolExecutor(settings.decoder_threads, "decoder"))
        service = LiveTranslateService(
            settings,
            replica_id=replica_id,
            hops=hops,
            breakers=breakers,
            database=database,
            writer=writer,
            store_health=health,
            viewers=viewers,
            admission=admission,
            pressure_watch=pressure_watch,
            metrics=metrics,
            decoder_threads=codec_threads,
            drain=server.drain,
        )
        gateway_pb2_grpc.add_LiveTranslateServiceServicer_to_server(service, server.grpc)
        sessions = SessionService(database)
        gateway_pb2_grpc.add_SessionServiceServicer_to_server(sessions, server.grpc)
        if riva:
            riva.open_door(
                server.grpc,
                service.serve,
                hops,
                codec_threads=codec_threads,
                drain=server.drain,
                stall_seconds=settings.stall_seconds,
            )
        if settings.web_listen is not None:
            web = web_doors()
            app = web.application(
                settings, service.serve, sessions.export, hops, codec_threads=codec_threads, drain=server.drain
            )
            await stack.enter_async_context(web.web_door(app, settings.web_listen, shares_port=settings.shares_port))
        await serve(server)


def riva_door() -> ModuleType:
    """What answers clients of NVIDIA Riva."""
    from gateway.riva import door  # noqa: PLC0415 - it needs an extra, and a fifth of a second to import

    return door


def web_doors() -> ModuleType:
    """What answers clients by HTTP."""
    from gateway import web  # noqa: PLC0415 - the same

    return web


async def open_hops(settings: GatewaySettings, stack: AsyncExitStack) -> Hops:
    asr, mt, tts = [
        await stack.enter_async_context(open_channel(addresses))
        for addresses in (settings.asr_url, settings.mt_url, settings.tts_url)
    ]
    return Hops(
        asr_pb2_grpc.AsrServiceStub(asr),
        mt_pb2_grpc.MtServiceStub(mt),
        tts_pb2_grpc.TtsServiceStub(tts),
    )


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that goes on beside the block; its failure is the process's."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work)
        yield
        task.cancel()


def main() -> int:
    return run_service("gateway", GatewaySettings, run)


if __name__ == "__main__":
    sys.exit(main())
