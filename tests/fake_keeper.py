"""A keeper in this process that does as it is told: for what the real one does not do on demand."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import grpc
from tritonclient.grpc import model_config_pb2

from livetranslate.v1 import models_pb2, models_pb2_grpc

FULL = "MODEL_MEMORY_FULL"


class FakeKeeper(models_pb2_grpc.ModelServiceServicer):
    """Grants every model but those it is to refuse.

    Attributes:
        models: The `parameters` of each model.
        sizes: What each takes, in bytes; the budget is 100.
        refusals: The reasons for which models are refused.
        may_answer: Until it is set, needs are left waiting.
        asked: The needs so far, one model each.
        held: How many streams hold each model now.
        changed: Set whenever `held` changes.
    """

    def __init__(self, models: Mapping[str, Mapping[str, str]]) -> None:
        self.models = dict(models)
        self.sizes: dict[str, int] = {}
        self.refusals: dict[str, str] = {}
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked: list[str] = []
        self.held: dict[str, int] = {}
        self.changed = asyncio.Event()

    async def ListModels(self, request: Any, context: Any) -> models_pb2.ListModelsResponse:  # noqa: ARG002 - gRPC's
        models = []
        for name, parameters in self.models.items():
            config = model_config_pb2.ModelConfig(name=name)
            for key, value in parameters.items():
                config.parameters[key].string_value = value
            served = models_pb2.ServedModel(name=name, memory_bytes=self.sizes.get(name, 0))
            served.model_config = config.SerializeToString()
            models.append(served)
        return models_pb2.ListModelsResponse(models=models, budget_bytes=100)

    async def HoldModels(self, requests: Any, context: Any) -> AsyncIterator[models_pb2.HoldModelsResponse]:  # noqa: ARG002
        async for request in requests:
            (model,) = request.model_names
            self.asked.append(model)
            self._count(model, 1)
            try:
                await self.may_answer.wait()
                reason = self.refusals.get(model, "")
                refusals = [models_pb2.HoldRefusal(model_name=model, reason=reason, message="As told.")]
                yield models_pb2.HoldModelsResponse(refusals=refusals if reason else ())
                await asyncio.Event().wait()
            finally:
                self._count(model, -1)

    async def until(self, **held: int) -> None:
        """Wait until these models have so many holders."""
        while any(self.held.get(model, 0) != count for model, count in held.items()):
            self.changed.clear()
            await self.changed.wait()

    def _count(self, model: str, change: int) -> None:
        self.held[model] = self.held.get(model, 0) + change
        self.changed.set()


@asynccontextmanager
async def kept(keeper: FakeKeeper, address: str = "127.0.0.1:0") -> AsyncIterator[str]:
    """The address of the fake while the block runs."""
    server = grpc.aio.server()
    models_pb2_grpc.add_ModelServiceServicer_to_server(keeper, server)
    host = address.rpartition(":")[0]
    port = server.add_insecure_port(address)
    await server.start()
    try:
        yield f"{host}:{port}"
    finally:
        await server.stop(grace=None)
