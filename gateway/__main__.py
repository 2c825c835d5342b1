"""Runs the gateway: `python -m gateway`."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

from gateway.capabilities import Hops
from gateway.service import LiveTranslateService
from gateway.sessions import SessionService
from gateway.settings import GatewaySettings
from gateway.store.health import StoreHealth
from gateway.store.postgres import PostgresStore
from gateway.store.writer import StoreWriter
from livetranslate.channel import open_channel
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.v1 import asr_pb2_grpc, gateway_pb2_grpc, mt_pb2_grpc, tts_pb2_grpc


async def run(settings: GatewaySettings) -> None:
    async with AsyncExitStack() as stack:
        store = await PostgresStore.open(settings.database_url, timeout_seconds=settings.database_wait_seconds)
        stack.push_async_callback(store.aclose)
        await store.migrate()
        health = StoreHealth()
        writer = await stack.enter_async_context(StoreWriter(store.write, on_availability=health.note))
        hops = Hops(
            asr_pb2_grpc.AsrServiceStub(await stack.enter_async_context(open_channel(settings.asr_url))),
            mt_pb2_grpc.MtServiceStub(await stack.enter_async_context(open_channel(settings.mt_url))),
            tts_pb2_grpc.TtsServiceStub(await stack.enter_async_context(open_channel(settings.tts_url))),
        )
        decoder_threads = stack.enter_context(ThreadPoolExecutor(settings.decoder_threads, "decoder"))
        server = Server(settings, "livetranslate.v1.LiveTranslateService", "livetranslate.v1.SessionService")
        service = LiveTranslateService(
            settings,
            hops=hops,
            store=store,
            writer=writer,
            store_health=health,
            decoder_threads=decoder_threads,
            drain=server.drain,
        )
        gateway_pb2_grpc.add_LiveTranslateServiceServicer_to_server(service, server.grpc)
        gateway_pb2_grpc.add_SessionServiceServicer_to_server(SessionService(store), server.grpc)
        await serve(server)


def main() -> int:
    return run_service("gateway", GatewaySettings, run)


if __name__ == "__main__":
    sys.exit(main())
