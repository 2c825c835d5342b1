"""A keeper in this process, beside a real Triton."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from livetranslate.breakers import Breakers
from livetranslate.keeper.control import ModelControl
from livetranslate.keeper.keeper import Keeper
from livetranslate.keeper.memory import ModelMemory
from livetranslate.keeper.metrics import KeeperMetrics
from livetranslate.keeper.place import ModelState
from livetranslate.keeper.service import ModelService
from livetranslate.server import Server
from livetranslate.settings import ServiceSettings
from livetranslate.triton import TRITON
from livetranslate.v1 import models_pb2_grpc

MIB = 1024 * 1024


@dataclass
class Running:
    """A keeper that serves, and a client's stub for it."""

    keeper: Keeper
    control: ModelControl
    server: Server
    address: str
    stub: "models_pb2_grpc.ModelServiceAsyncStub"  # known to the type checker only

    def ready(self) -> set[str]:
        """The models that the keeper takes to be loaded."""
        return {place.name for place in self.keeper.memory.places if place.state is ModelState.READY}

    async def loaded(self) -> set[str]:
        """The models that Triton has loaded."""
        return {name for name, state in (await self.control.states()).items() if state is ModelState.READY}


@asynccontextmanager
async def running_keeper(
    triton_address: str, repository: Path, *, load_timeout_seconds: float = 30
) -> AsyncIterator[Running]:
    """Serve while the block runs, with a budget of 100 MiB; nothing stays longer than it has to."""
    breakers = Breakers(TRITON)
    control = ModelControl(triton_address, breakers)
    settings = ServiceSettings(listen="127.0.0.1:0", drain_seconds=2, flush_seconds=0)
    server = Server(settings, "livetranslate.v1.ModelService", breakers=breakers)
    memory = ModelMemory(budget_bytes=100 * MIB, stay_seconds=0)
    keeper = Keeper(memory, control, repository, load_timeout_seconds=load_timeout_seconds, metrics=KeeperMetrics())
    await keeper.wait_for_triton(10)
    models_pb2_grpc.add_ModelServiceServicer_to_server(ModelService(keeper, server.drain), server.grpc)
    address = f"127.0.0.1:{await server.start()}"
    keeping = asyncio.create_task(keeper.run())
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            yield Running(keeper, control, server, address, models_pb2_grpc.ModelServiceStub(channel))
    finally:
        await server.stop()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await control.close()


async def unload_all(triton_address: str) -> None:
    """Leave a Triton with nothing in memory."""
    control = ModelControl(triton_address, Breakers(TRITON))
    states = await control.states()
    await asyncio.gather(*(control.unload(name) for name, state in states.items() if state is not ModelState.UNLOADED))
    await control.close()
