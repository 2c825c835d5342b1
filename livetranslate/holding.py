"""What a service asks of the keeper: which models there are, and to keep some of them in memory.

Each model is held by a stream of its own, so that no session waits for a model that another one needs. A stream that
breaks is opened anew. While the keeper is away, what Triton has in memory is used.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from types import TracebackType
from typing import Final, Self

import grpc
import structlog
from tritonclient.grpc import model_config_pb2

from livetranslate.breakers import Breakers
from livetranslate.channel import STICK, open_channel
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    LiveTranslateError,
    NotFoundError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.settings import KeeperOptions
from livetranslate.status import error_of_rpc
from livetranslate.v1 import models_pb2, models_pb2_grpc

log = structlog.get_logger()

KEEPER: Final = "keeper"
"""Its name among the dependencies of a process."""

IsLoaded = Callable[[str], Awaitable[bool]]
"""Whether Triton has a model in memory."""

_LIST_SECONDS: Final = 5
_MAX_PAUSE_SECONDS: Final = 0.5  # a keeper that is back is used again within a second
_FULL_SECONDS: Final = 1.0  # a refusal holds for a moment: revisions come many a second
_FAILED_SECONDS: Final = 10.0  # another load may take as long to fail as the last

_KIND_OF_REASON: Final[dict[str, type[LiveTranslateError]]] = {
    "MODEL_MEMORY_FULL": ResourceExhaustedError,
    "MODEL_NOT_FOUND": NotFoundError,
}


class _Held:
    """One model that is held, or is to be.

    Attributes:
        users: How many sessions use it.
        outcome: Done when it is loaded (None) or refused.
        trouble: Why there is no outcome yet, where that is known.
        keeping: Holds it.
        leaving: Lets it go, once nobody uses it.
    """

    def __init__(self) -> None:
        self.users = 0
        self.outcome: asyncio.Future[LiveTranslateError | None] = asyncio.get_running_loop().create_future()
        self.trouble: LiveTranslateError | None = None
        self.keeping: asyncio.Task[None] | None = None
        self.leaving: asyncio.TimerHandle | None = None

    def settle(self, error: LiveTranslateError | None = None) -> None:
        if not self.outcome.done():
            self.outcome.set_result(error)


class ModelHolder:
    """One per process."""

    def __init__(self, options: KeeperOptions, breakers: Breakers, is_loaded: IsLoaded) -> None:
        """Connect lazily; `breakers` has one for `KEEPER`."""
        self.address = options.address
        self._options = options
        self._breakers = breakers
        self._is_loaded = is_loaded
        self._channel = open_channel(options.address, STICK)
        self._stub = models_pb2_grpc.ModelServiceStub(self._channel)
        self._held: dict[str, _Held] = {}

    async def close(self) -> None:
        """Let everything go."""
        tasks = [held.keeping for held in self._held.values() if held.keeping]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._channel.close()

    async def configs(self) -> Sequence["model_config_pb2.ModelConfig"]:
        """The models that can be had; one that alone takes more than all may take is not among them.

        Raises:
            UnavailableError: The keeper does not answer.
        """
        async with self._breakers.guarding(KEEPER):
            try:
                listed = await self._stub.ListModels(models_pb2.ListModelsRequest(), timeout=_LIST_SECONDS)
            except grpc.aio.AioRpcError as error:
                raise error_of_rpc(error, hop=KEEPER) from None
        budget_bytes = listed.budget_bytes
        fitting = (model for model in listed.models if not budget_bytes or model.memory_bytes <= budget_bytes)
        return [model_config_pb2.ModelConfig.FromString(model.model_config) for model in fitting]

    async def is_serving(self) -> bool:
        """Whether the keeper answers; the breaker does not hear of it."""
        try:
            await self._stub.ListModels(models_pb2.ListModelsRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            return False
        return True

    async def hold(self, model: str) -> None:
        """Keep a model in memory until it is released as often as it was held; returns when it is loaded.

        Raises:
            ResourceExhaustedError: There is no memory for it now.
            NotFoundError: There is no such model.
            InternalError: Triton could not load it.
            DeadlineExceededError: It is still being loaded. It goes on, for a moment: try again.
            UnavailableError: The keeper is away, and the model is not in memory.
        """
        held = self._held.get(model)
        if held is None:
            held = self._held[model] = _Held()
            held.keeping = asyncio.create_task(self._keep(model, held))
        held.users += 1
        if held.leaving:
            held.leaving.cancel()
        try:
            async with asyncio.timeout(self._options.wait_seconds):
                error = await asyncio.shield(held.outcome)
        except TimeoutError:
            error = held.trouble or DeadlineExceededError("MODEL_LOADING", f"{model} is still being loaded. Try again.")
        except asyncio.CancelledError:
            self._give_back(model, held)
            raise
        if error is not None:
            self._give_back(model, held)
            raise error

    def release(self, model: str) -> None:
        """Give a model back; where nobody else uses it, it is let go after a while."""
        self._give_back(model, self._held[model])

    def _give_back(self, model: str, held: _Held) -> None:
        held.users -= 1
        if not held.users:
            seconds = self._options.idle_seconds
            held.leaving = asyncio.get_running_loop().call_later(seconds, self._let_go, model, held)

    def _let_go(self, model: str, held: _Held) -> None:
        if self._held.get(model) is held and not held.users:
            del self._held[model]
            if held.keeping:
                held.keeping.cancel()

    async def _keep(self, model: str, held: _Held) -> None:
        """Hold a model until it is refused, or this is cancelled."""
        while True:
            try:
                error = await self._hold_once(model, held)
            except LiveTranslateError as away:
                held.trouble = away
                if not held.outcome.done() and await self._is_loaded(model):
                    held.settle()
                await asyncio.sleep(random.uniform(0, _MAX_PAUSE_SECONDS))  # noqa: S311 - not all services at once
                continue
            was_loaded = held.outcome.done()
            held.settle(error)
            await asyncio.sleep(_FULL_SECONDS if isinstance(error, ResourceExhaustedError) else _FAILED_SECONDS)
            if not was_loaded:
                break
            log.warning("model lost", model=model, reason=error.reason)  # its sessions go on, and so does this
        if self._held.get(model) is held:
            del self._held[model]

    async def _hold_once(self, model: str, held: _Held) -> LiveTranslateError:
        """Hold a model by one stream; returns why it was refused.

        Raises:
            LiveTranslateError: The keeper is away, or was there and went.
        """
        async with self._breakers.guarding(KEEPER) as answered:
            call = self._stub.HoldModels()
            try:
                await call.write(models_pb2.HoldModelsRequest(model_names=[model]))
                held.trouble = None
                response = await call.read()
                if isinstance(response, models_pb2.HoldModelsResponse):
                    answered()
                    if response.refusals:
                        return _error_of(response.refusals[0])
                    held.settle()
                    await call.read()  # nothing more comes while the keeper lives
            except grpc.aio.AioRpcError as error:
                raise error_of_rpc(error, hop=KEEPER) from None
            finally:
                call.cancel()
        raise UnavailableError("KEEPER_UNAVAILABLE", "The keeper has gone. Try again.")


class Holds:
    """The models that one session holds; the block's end releases them."""

    def __init__(self, holder: ModelHolder | None) -> None:
        """Hold nothing; without a holder, everything is in memory anyway."""
        self._holder = holder
        self._models: set[str] = set()

    async def hold(self, model: str) -> None:
        """Keep a model in memory; see `ModelHolder.hold`."""
        if self._holder is None or model in self._models:
            return
        await self._holder.hold(model)
        if model in self._models:  # another task of the session has been waiting for it, too
            self._holder.release(model)
        self._models.add(model)

    def keep_only(self, models: Iterable[str]) -> None:
        """Release all others."""
        for model in self._models.difference(models):
            self._models.discard(model)
            if self._holder is not None:
                self._holder.release(model)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.keep_only(())


def _error_of(refusal: models_pb2.HoldRefusal) -> LiveTranslateError:
    kind = _KIND_OF_REASON.get(refusal.reason, InternalError)
    return kind(refusal.reason, refusal.message, model=refusal.model_name)
