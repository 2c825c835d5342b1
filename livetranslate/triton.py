"""The client of NVIDIA Triton: which models there are, and inference on them.

It speaks Triton's gRPC protocol through the stubs that `tritonclient` ships, so that each request carries its own
trace context. A circuit breaker guards all inference; whoever calls decides what is worth repeating.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

from livetranslate.breakers import Breakers
from livetranslate.channel import STICK, open_channel
from livetranslate.engine.batch import AWAY
from livetranslate.errors import (
    DeadlineExceededError,
    DependencyError,
    InternalError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.holding import KEEPER, Holds, ModelHolder
from livetranslate.models import Model, model_from_parameters
from livetranslate.request_timer import RequestTimer
from livetranslate.settings import KeeperOptions
from livetranslate.tally import Queued, Tally
from livetranslate.tensors import Array, Value, add_input, read_outputs
from livetranslate.triton_errors import away, explained, refusal
from livetranslate.verdict import Verdict
from livetranslate.waiting_room import WaitingRoom

Outputs = Mapping[str, Array | list[bytes]]

Metadata = tuple[tuple[str, str], ...]

TRITON = "triton"
"""Its name among the dependencies of a process."""

TRANSIENT = (DependencyError, InternalError)
"""Errors that may be over when a request is made again."""

_STREAMED_PLACES = 256  # far more than any model speaks at a time
_WAITING_SHARE = 0.5  # of its time: with less than the rest a model would work for somebody who has left
_ABANDONED_SECONDS = 60  # longer than any model takes: after it, nothing will come
_CLOSE_SECONDS = 2

_NONCE = "NONCE"

FINAL_PRIORITY = 1
DRAFT_PRIORITY = 2


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """Where a request stands in its sequence."""

    sequence_id: int
    is_start: bool
    is_end: bool


class TritonClient:
    """A connection to Triton; of several, to one while it lasts, for a sequence lives in one."""

    def __init__(self, addresses: str, breakers: Breakers | None = None, keeper: KeeperOptions | None = None) -> None:
        """Connect lazily to `HOST:PORT`, or to one of several.

        Args:
            addresses: As `open_channel` takes them.
            breakers: Those of the process, with one for each of `dependencies`; without them the client has its own.
            keeper: Who loads the models; without one they are all in memory.
        """
        self.address = addresses
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)  # by model, of those that were asked
        self._breakers = breakers or Breakers(*dependencies(keeper))
        self._holder = ModelHolder(keeper, self._breakers, self.is_loaded) if keeper else None
        self._channel = open_channel(addresses, STICK)
        self._stub = service_pb2_grpc.GRPCInferenceServiceStub(self._channel)
        self._calls: set[asyncio.Task[Any]] = set()  # the event loop itself keeps only weak references
        self._outputs: dict[str, frozenset[str]] = {}  # of each model that is known
        self._waiting_rooms: dict[str, WaitingRoom] = {}  # of models without priorities of their own

    async def close(self) -> None:
        """Close the connection, once the calls on it have ended."""
        if self._holder is not None:
            await self._holder.close()
        await self._channel.close(grace=_CLOSE_SECONDS)

    async def wait_until_ready(self, timeout_seconds: float) -> None:
        """Wait until Triton serves, or the keeper, which has waited for it.

        Raises:
            UnavailableError: It does not in time.
        """
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._is_ready():  # noqa: ASYNC110 - there is no event to wait for
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise self._absence() from None

    async def models(self, task: str) -> list[Model]:
        """The models for a task that are ready, or can be loaded, as they describe themselves, sorted by name.

        Raises:
            UnavailableError: Triton, or the keeper, does not answer.
        """
        configs = await (self._holder.configs() if self._holder else self._ready_configs())
        self._outputs |= {config.name: frozenset(output.name for output in config.output) for config in configs}
        for config in configs:
            if places := places_of(config):
                self._waiting_rooms.setdefault(config.name, WaitingRoom(places))
        return [model for model in map(describe_model, configs) if model.task == task]

    def holds(self) -> Holds:
        """What one session holds in memory, to be used as a context manager."""
        return Holds(self._holder)

    async def is_loaded(self, model: str) -> bool:
        """Whether Triton answers, and has a model in memory."""
        try:
            return bool((await self._stub.ModelReady(service_pb2.ModelReadyRequest(name=model), timeout=1)).ready)
        except grpc.aio.AioRpcError:
            return False

    async def queued(self) -> Mapping[str, Queued]:
        """What Triton has counted, by model, of those in memory. The breaker does not hear of it.

        Raises:
            UnavailableError: Triton does not answer.
        """
        try:
            statistics = await self._stub.ModelStatistics(service_pb2.ModelStatisticsRequest(), timeout=1)
        except grpc.aio.AioRpcError:
            raise away() from None
        queues = ((model.name, model.inference_stats.queue) for model in statistics.model_stats)
        return {name: Queued(queue.count, queue.ns / 1e9) for name, queue in queues}

    async def infer(
        self,
        model: str,
        inputs: Mapping[str, Value],
        *,
        timeout_seconds: float,
        sequence: SequenceStep | None = None,
        priority: int = 0,
        queue_timeout_seconds: float = 0,
        traceparent: str = "",
    ) -> Outputs:
        """Run one request and return its outputs.

        Args:
            model: The model's name.
            inputs: Tensors by name, without the batch dimension.
            timeout_seconds: How long the whole call may take; where it waits here for its turn, for at most half of it.
            sequence: Its place in a sequence, for models that keep state.
            priority: `FINAL_PRIORITY` or `DRAFT_PRIORITY`; 0 is the model's default.
            queue_timeout_seconds: How long it may wait for the model; 0 is the model's default.
            traceparent: The span that this request belongs to.

        Raises:
            InvalidArgumentError: The model refuses the input, or does not know the sequence.
            ResourceExhaustedError: The model's queue is full, or the request waited too long in it.
            UnavailableError: Triton cannot be reached, or has just failed several times in a row.
            DeadlineExceededError: No answer in time.
        """
        request = _request(model, inputs)
        nonce = self._add_nonce(request)
        if sequence is not None:
            request.parameters["sequence_id"].int64_param = sequence.sequence_id
            request.parameters["sequence_start"].bool_param = sequence.is_start
            request.parameters["sequence_end"].bool_param = sequence.is_end
        if priority:
            request.parameters["priority"].uint64_param = priority
        if queue_timeout_seconds:
            request.parameters["timeout"].int64_param = round(queue_timeout_seconds * 1e6)
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        waiting_seconds = queue_timeout_seconds or timeout_seconds * _WAITING_SHARE
        room = await self._entered(model, waiting_seconds, traceparent, is_draft=priority == DRAFT_PRIORITY)
        call = self._call(request, traceparent)
        if room is not None:
            call.add_done_callback(lambda _: room.leave())
        try:
            async with asyncio.timeout_at(deadline):
                response = await asyncio.shield(call)
        except TimeoutError:
            raise DeadlineExceededError("MODEL_TIMEOUT", "The model did not answer in time.") from None
        return self._checked(model, read_outputs(response), nonce)

    async def _entered(
        self, model: str, timeout_seconds: float, traceparent: str, *, is_draft: bool = False
    ) -> WaitingRoom | None:
        """The waiting room of a model, once a place in it is ours, which is to be left in the end; None without one."""
        if (room := self._waiting_rooms.get(model)) is None:
            return None
        timer = RequestTimer(model, traceparent)
        try:
            with self.tallies[model].waiting():
                await room.enter(is_draft=is_draft, timeout_seconds=timeout_seconds)
        except ResourceExhaustedError as error:
            timer.note_failure(error)
            raise
        return room

    def _call(self, request: "service_pb2.ModelInferRequest", traceparent: str) -> "asyncio.Task[Any]":
        """A call that goes on when nobody waits for it any more.

        Triton 2.51 crashes now and then when a unary request is cancelled while it runs, and a deadline cancels, too.
        So a superseded request is left to finish, and its answer is dropped. The breaker learns from the answer, and
        not from how long somebody was willing to wait for it; so does who measures.
        """
        metadata = _metadata(traceparent)

        async def call() -> Any:
            timer = RequestTimer(request.model_name, traceparent)
            async with timer, self.tallies[request.model_name].counting(), self._guarded():
                return await self._stub.ModelInfer(request, timeout=_ABANDONED_SECONDS, metadata=metadata)

        task = asyncio.create_task(call())
        self._calls.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: "asyncio.Task[Any]") -> None:
        self._calls.discard(task)
        if not task.cancelled():
            task.exception()  # taken note of, also where nobody waits for it any more

    async def infer_stream(
        self, model: str, inputs: Mapping[str, Value], *, timeout_seconds: float, traceparent: str = ""
    ) -> AsyncGenerator[Outputs, None]:
        """Run one request on a decoupled model and yield its responses; the last one says `FINAL`.

        The stream is read to its end after that: Triton loses the span of a request that is cancelled just then.

        Raises:
            InvalidArgumentError: The model refuses the input.
            ResourceExhaustedError: The model's queue is full, or the request waited too long for its turn.
            UnavailableError: Triton cannot be reached, or has just failed several times in a row.
            DeadlineExceededError: Not finished in time.
        """
        async with (
            self._place(model, timeout_seconds, traceparent),
            RequestTimer(model, traceparent) as timer,
            self.tallies[model].counting(),
            self._breakers.guarding(TRITON) as answered,
        ):
            call = self._stub.ModelStreamInfer(timeout=timeout_seconds, metadata=_metadata(traceparent))
            verdict = Verdict(call)
            try:
                request = _request(model, inputs)
                nonce = self._add_nonce(request)
                await call.write(request)
                await call.done_writing()
                is_final = False
                async for response in call:
                    if response.error_message:
                        if response.error_message.startswith(AWAY):
                            answered()
                        raise refusal(model, response.error_message)
                    answered()
                    timer.note_answer()
                    outputs = self._checked(model, read_outputs(response.infer_response), nonce)
                    is_final = bool(outputs["FINAL"][0])
                    yield outputs
                if not is_final:
                    raise away()
            except grpc.aio.AioRpcError as raised:
                error = await verdict.error(raised)
                raise (away() if error is None else explained(error)) from None
            finally:
                call.cancel()

    @asynccontextmanager
    async def _place(self, model: str, timeout_seconds: float, traceparent: str) -> AsyncIterator[None]:
        """A place at a model, while the block runs."""
        room = await self._entered(model, timeout_seconds, traceparent)
        try:
            yield
        finally:
            if room is not None:
                room.leave()

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        """A unary call, behind the breaker and with errors in our terms; a model that is away is Triton's answer."""
        async with self._breakers.guarding(TRITON) as answered:
            try:
                yield
            except grpc.aio.AioRpcError as error:
                if (error.details() or "").startswith(AWAY):
                    answered()
                raise explained(error) from None

    def _add_nonce(self, request: "service_pb2.ModelInferRequest") -> int:
        """Have the model repeat a number that nobody else has, where it can."""
        if _NONCE not in self._outputs.get(request.model_name, ()):
            return 0
        nonce = secrets.randbits(63) | 1
        add_input(request, _NONCE, np.array([nonce], np.uint64))
        return nonce

    def _checked(self, model: str, outputs: Outputs, nonce: int) -> Outputs:
        """The outputs, if they are those of this request.

        Triton 2.51 whose process was frozen may answer, before it dies, with what an earlier request has left in the
        memory that it shares with the model, or with a part of it.
        """
        is_whole = self._outputs.get(model, frozenset()) <= outputs.keys()
        if not is_whole or (nonce and int(outputs[_NONCE][0]) != nonce):
            raise InternalError("MODEL_FAILED", "The model's answer is damaged, or another request's.")
        return outputs

    async def _ready_configs(self) -> Sequence["model_config_pb2.ModelConfig"]:
        async with self._guarded():
            index = await self._stub.RepositoryIndex(service_pb2.RepositoryIndexRequest(ready=True), timeout=5)
            names = sorted(entry.name for entry in index.models)
            return [
                (await self._stub.ModelConfig(service_pb2.ModelConfigRequest(name=name), timeout=5)).config
                for name in names
            ]

    async def _is_ready(self) -> bool:
        if self._holder is not None:
            return await self._holder.is_serving()
        try:
            return bool((await self._stub.ServerReady(service_pb2.ServerReadyRequest(), timeout=1)).ready)
        except grpc.aio.AioRpcError:
            return False

    def _absence(self) -> UnavailableError:
        if self._holder is not None:
            message = (
                f"The keeper does not answer at {self._holder.address}. Start it, or unset LIVETRANSLATE_KEEPER_URL."
            )
            return UnavailableError("KEEPER_UNAVAILABLE", message)
        message = (
            f"Triton does not answer at {self.address}. Start it (`livetranslate up` starts everything), "
            "or set LIVETRANSLATE_TRITON_URL to the gRPC address of a running one."
        )
        return UnavailableError("TRITON_UNAVAILABLE", message)


def dependencies(keeper: KeeperOptions | None) -> tuple[str, ...]:
    """What a client of Triton depends on, by the names of the breakers."""
    return (TRITON, KEEPER) if keeper else (TRITON,)


def describe_model(config: "model_config_pb2.ModelConfig") -> Model:
    """What a model's configuration says."""
    slots = _instances(config) * config.sequence_batching.oldest.max_candidate_sequences
    parameters = {key: value.string_value for key, value in config.parameters.items()}
    return model_from_parameters(config.name, parameters, sequence_slots=slots, max_batch_size=config.max_batch_size)


def places_of(config: "model_config_pb2.ModelConfig") -> int:
    """How many requests of this process a model gets at a time; 0: as many as there are.

    Where Triton does not know what is urgent, those that it works on and a next batch for each instance. Those of a
    decoupled model are all final, and a slow reader keeps its own for long: there are only not to be too many.
    """
    if config.model_transaction_policy.decoupled:
        return _STREAMED_PLACES
    if config.HasField("sequence_batching") or config.dynamic_batching.priority_levels:
        return 0
    return 2 * _instances(config) * max(1, int(config.max_batch_size))


def _instances(config: "model_config_pb2.ModelConfig") -> int:
    """How many there are of a model: of each group so many on each of its GPUs."""
    return sum(group.count * max(1, len(group.gpus)) for group in config.instance_group) or 1


def _request(model: str, inputs: Mapping[str, Value]) -> "service_pb2.ModelInferRequest":
    request = service_pb2.ModelInferRequest(model_name=model)
    for name, value in inputs.items():
        add_input(request, name, value)
    return request


def _metadata(traceparent: str) -> Metadata:
    return (("traceparent", traceparent),) if traceparent else ()
