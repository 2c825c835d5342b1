"""Triton's model control: which models it has in memory, and loading and unloading them.

Triton has to run with `--model-control-mode=explicit`. A load is answered when the model serves; an unload at once,
while requests in flight are still finished and the model's process has yet to end: its memory is free when the index
says so.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import grpc
from tritonclient.grpc import service_pb2, service_pb2_grpc

from livetranslate.breakers import Breakers
from livetranslate.channel import STICK, open_channel
from livetranslate.errors import DeadlineExceededError, InternalError, LiveTranslateError, UnavailableError
from livetranslate.keeper.place import ModelState
from livetranslate.triton import TRITON

_INDEX_SECONDS: Final = 5
_LOOK_SECONDS: Final = 0.05
_UNLOAD_SECONDS: Final = 60  # longer than any request runs
_MAX_FAILURE_CHARACTERS: Final = 500  # of a model's own words, which end in a stack trace

_STATES: Final = {
    "READY": ModelState.READY,
    "LOADING": ModelState.LOADING,
    "UNLOADING": ModelState.UNLOADING,
}


class ModelControl:
    """One Triton."""

    def __init__(self, address: str, breakers: Breakers) -> None:
        """Connect lazily.

        Args:
            address: `HOST:PORT`.
            breakers: Those of the process, with one for `TRITON`: it follows whether the index can be had.
        """
        self.address = address
        self._breakers = breakers
        self._channel = open_channel(address, STICK)
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()

    async def states(self) -> Mapping[str, ModelState]:
        """All models in Triton's repository.

        Raises:
            UnavailableError: Triton does not answer.
        """
        async with self._breakers.guarding(TRITON), _our_errors():
            index = await self._stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(), timeout=_INDEX_SECONDS)
        states = dict.fromkeys((entry.name for entry in index.models), ModelState.UNLOADED)
        for entry in index.models:  # one for each version
            if (state := _STATES.get(entry.state)) and states[entry.name] is not ModelState.READY:
                states[entry.name] = state
        return states

    async def load(self, model: str, timeout_seconds: float) -> None:
        """Load a model; returns when it serves. Never to be called for one that is loading: Triton loads it twice.

        Raises:
            UnavailableError: Triton went away meanwhile.
            InternalError: It cannot be loaded; the message is Triton's.
            DeadlineExceededError: It takes too long. Triton goes on loading.
        """
        async with _our_errors():
            await self._stub.RepositoryModelLoad(
                service_pb2.RepositoryModelLoadRequest(model_name=model), timeout=timeout_seconds
            )

    async def unload(self, model: str) -> None:
        """Unload a model, once its requests have ended; returns when its memory is free.

        Raises:
            UnavailableError: Triton went away meanwhile.
            DeadlineExceededError: A request does not end.
        """
        async with _our_errors():
            await self._stub.RepositoryModelUnload(
                service_pb2.RepositoryModelUnloadRequest(model_name=model), timeout=_INDEX_SECONDS
            )
        try:
            async with asyncio.timeout(_UNLOAD_SECONDS):
                while (await self.states()).get(model, ModelState.UNLOADED) is not ModelState.UNLOADED:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            message = f"{model} still has requests {_UNLOAD_SECONDS} s after it was to be unloaded."
            raise DeadlineExceededError("MODEL_TIMEOUT", message) from None


@asynccontextmanager
async def _our_errors() -> AsyncIterator[None]:
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise _explained(error) from None


def _explained(error: grpc.aio.AioRpcError) -> LiveTranslateError:
    match error.code():
        case grpc.StatusCode.UNAVAILABLE | grpc.StatusCode.CANCELLED:
            return UnavailableError("TRITON_UNAVAILABLE", "Triton is not available.")
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceededError("MODEL_TIMEOUT", "Triton did not answer in time.")
        case _:
            words = " ".join((error.details() or "").split())
            return InternalError("MODEL_LOAD_FAILED", words[:_MAX_FAILURE_CHARACTERS])
