"""Runs the keeper: `python -m livetranslate.keeper`."""

import asyncio
import sys

from livetranslate.breakers import Breakers
from livetranslate.health import NOT_SERVING, SERVING, UNKNOWN
from livetranslate.keeper.control import ModelControl
from livetranslate.keeper.keeper import Keeper
from livetranslate.keeper.memory import ModelMemory
from livetranslate.keeper.metrics import KeeperMetrics
from livetranslate.keeper.place import ModelState
from livetranslate.keeper.service import ModelService
from livetranslate.keeper.settings import KeeperSettings
from livetranslate.main import run_service
from livetranslate.server import Server, serve
from livetranslate.triton import TRITON
from livetranslate.v1 import models_pb2_grpc

_MIB = 1024 * 1024
_HEALTH = {ModelState.READY: SERVING, ModelState.FAILED: NOT_SERVING}


async def run(settings: KeeperSettings) -> None:
    breakers = Breakers(TRITON)
    control = ModelControl(settings.triton_url, breakers)
    server = Server(settings, "livetranslate.v1.ModelService", breakers=breakers)

    def report(memory: ModelMemory) -> None:
        for place in memory.places:
            server.health.set(f"model/{place.name}", _HEALTH.get(place.state, UNKNOWN))

    keeper = Keeper(
        ModelMemory(budget_bytes=settings.budget_mib * _MIB, stay_seconds=settings.stay_seconds),
        control,
        settings.model_repository,
        load_timeout_seconds=settings.load_timeout_seconds,
        metrics=KeeperMetrics(),
        on_change=report,
    )
    try:
        await keeper.wait_for_triton(settings.triton_wait_seconds)
        models_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(keeper, server.drain), server.grpc)
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(keeper.run())
            await serve(server)
            keeping.cancel()
    finally:
        await control.close()


def main() -> int:
    return run_service("keeper", KeeperSettings, run)


if __name__ == "__main__":
    sys.exit(main())
