"""The gRPC shell of the keeper: answers calls by being a holder, or listing the models."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Final

import grpc

from livetranslate.answers import answers_of
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.keeper.keeper import Keeper
from livetranslate.keeper.place import Place
from livetranslate.server import Drain
from livetranslate.v1 import models_pb2, models_pb2_grpc
from livetranslate.wire import duration_of_seconds

_ANSWERS_WAITING: Final = 1  # each answers a request, and the next is read after it
_MAX_MODELS: Final = 1000
_MAX_NAME_CHARACTERS: Final = 256

Requests = AsyncIterator[models_pb2.HoldModelsRequest]
Responses = AsyncIterator[models_pb2.HoldModelsResponse]
Send = Callable[[models_pb2.HoldModelsResponse], Awaitable[None]]
HoldContext = grpc.aio.ServicerContext[models_pb2.HoldModelsRequest, models_pb2.HoldModelsResponse]
ListContext = grpc.aio.ServicerContext[models_pb2.ListModelsRequest, models_pb2.ListModelsResponse]


class ModelService(models_pb2_grpc.ModelServiceServicer):
    """Answers `livetranslate.v1.ModelService`."""

    def __init__(self, keeper: Keeper, drain: Drain) -> None:
        """Use what `__main__` has built."""
        self._keeper = keeper
        self._drain = drain
        self._clock = asyncio.get_running_loop().time

    async def ListModels(
        self, request: models_pb2.ListModelsRequest, context: ListContext
    ) -> models_pb2.ListModelsResponse:
        """List the models."""
        del request, context
        memory = self._keeper.memory
        models = [self._served_model(place) for place in memory.places]
        return models_pb2.ListModelsResponse(models=models, budget_bytes=memory.budget_bytes)

    async def HoldModels(self, requests: Requests, context: HoldContext) -> Responses:
        """Hold models while the stream lasts."""
        del context
        with self._drain.stream():
            async with aclosing(answers_of(partial(self._serve, requests), size=_ANSWERS_WAITING)) as answers:
                async for answer in answers:
                    yield answer

    async def _serve(self, requests: Requests, send: Send) -> None:
        async with asyncio.TaskGroup() as tasks:
            end = tasks.create_task(self._end_when_draining())
            async with self._keeper.holding() as ask:
                async for request in requests:
                    _check(request)
                    refusals = [
                        models_pb2.HoldRefusal(model_name=refusal.model, reason=refusal.reason, message=refusal.message)
                        for refusal in await ask(request.model_names)
                    ]
                    await send(models_pb2.HoldModelsResponse(refusals=refusals))
            end.cancel()

    async def _end_when_draining(self) -> None:
        """Streams last as long as they are let: what is loaded stays so, and the next keeper finds it."""
        await self._drain.draining.wait()
        raise UnavailableError("DRAINING", "This keeper is about to stop. Hold the models at the next one.")

    def _served_model(self, place: Place) -> models_pb2.ServedModel:
        description = self._keeper.descriptions.get(place.name)
        model = models_pb2.ServedModel(
            name=place.name,
            model_config=description.config if description else b"",
            state=models_pb2.ModelState.Value(f"MODEL_STATE_{place.state.name}"),
            memory_bytes=place.size_bytes,
            holder_count=len(place.holders),
            failure=place.failure,
        )
        if place.holders:
            model.idle_duration.CopyFrom(duration_of_seconds(0))
        elif place.last_held_seconds is not None:
            model.idle_duration.CopyFrom(duration_of_seconds(self._clock() - place.last_held_seconds))
        return model


def _check(request: models_pb2.HoldModelsRequest) -> None:
    if len(request.model_names) > _MAX_MODELS:
        message = f"{len(request.model_names):,} models were named; at most {_MAX_MODELS:,} are allowed."
        raise InvalidArgumentError("TOO_MANY_MODELS", message, limit=str(_MAX_MODELS))
    if any(len(name) > _MAX_NAME_CHARACTERS for name in request.model_names):
        message = f"The name of a model is longer than {_MAX_NAME_CHARACTERS} characters."
        raise InvalidArgumentError("MODEL_NAME_TOO_LONG", message, limit=str(_MAX_NAME_CHARACTERS))
