"""A Triton in this process that speaks Triton's protocol: for failures that the real one does not show on demand."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import grpc
import numpy as np
from tritonclient.grpc import model_config_pb2, service_pb2, service_pb2_grpc

from livetranslate.tensors import Value, add_input

FULL = (grpc.StatusCode.UNAVAILABLE, "Exceeds maximum queue size")
AWAY = (grpc.StatusCode.UNAVAILABLE, "Server is stopping")
REFUSED = (grpc.StatusCode.INVALID_ARGUMENT, "cannot read the text")


class FakeTriton(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Echoes texts; `failures` come first, one a request.

    Attributes:
        models: The `parameters` of each model.
        outputs: The names of the outputs that each model declares.
        queues: What it has counted of the models' queues: requests that left them, and nanoseconds in them.
        nonce_shift: How far the number that an answer repeats is from the request's.
        failures: Statuses for the next requests.
        requests: What was asked, with its `traceparent`.
        speech: What a decoupled model answers: samples, a chunk each.
        cut_count: How many streams of a decoupled model are still to end after their first chunk.
        is_stuck: Whether a decoupled model falls silent after its first chunk, and the others do not answer.
        cancelled: Set when the caller of a stuck stream has left.
    """

    def __init__(self, models: Mapping[str, Mapping[str, str]]) -> None:
        self.models = dict(models)
        self.outputs: list[str] = []
        self.queues: dict[str, tuple[int, int]] = {}
        self.nonce_shift = 0
        self.failures: deque[tuple[grpc.StatusCode, str]] = deque()
        self.requests: list[tuple[Any, str]] = []
        self.speech: list[np.ndarray[Any, np.dtype[np.int16]]] = [np.ones(10, np.int16)]
        self.cut_count = 0
        self.is_stuck = False
        self.cancelled = asyncio.Event()

    async def ServerReady(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - gRPC's signature
        return service_pb2.ServerReadyResponse(ready=True)

    async def RepositoryIndex(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - gRPC's signature
        index = service_pb2.RepositoryIndexResponse
        return index(models=[index.ModelIndex(name=name) for name in self.models])

    async def ModelConfig(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - gRPC's signature
        config = model_config_pb2.ModelConfig(name=request.name)
        config.output.extend(model_config_pb2.ModelOutput(name=name) for name in self.outputs)
        for key, value in self.models[request.name].items():
            config.parameters[key].string_value = value
        return service_pb2.ModelConfigResponse(config=config)

    async def ModelStatistics(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - gRPC's signature
        response = service_pb2.ModelStatisticsResponse()
        for name, (count, nanoseconds) in self.queues.items():
            queue = response.model_stats.add(name=name).inference_stats.queue
            queue.count, queue.ns = count, nanoseconds
        return response

    async def ModelInfer(self, request: Any, context: Any) -> Any:
        self._note(request, context)
        if self.failures:
            await context.abort(*self.failures.popleft())
        await self._stick()
        return response_of({"TRANSLATION": [text_of(request)], **self._nonce(request)})

    def _nonce(self, request: Any) -> dict[str, Value]:
        for place, tensor in enumerate(request.inputs):
            if tensor.name == "NONCE":
                nonce = np.frombuffer(request.raw_input_contents[place], np.uint64)
                return {"NONCE": nonce + np.uint64(self.nonce_shift)}
        return {}

    async def ModelStreamInfer(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        async for request in requests:
            self._note(request, context)
            if self.failures:
                yield service_pb2.ModelStreamInferResponse(error_message=self.failures.popleft()[1])
                return
            for samples in self.speech:
                outputs: dict[str, Value] = {"AUDIO": samples, "FINAL": np.array([False])}
                yield service_pb2.ModelStreamInferResponse(infer_response=response_of(outputs))
                if self.cut_count:
                    self.cut_count -= 1
                    return
                await self._stick()
            last: dict[str, Value] = {"AUDIO": np.zeros(0, np.int16), "FINAL": np.array([True])}
            yield service_pb2.ModelStreamInferResponse(infer_response=response_of(last))

    async def _stick(self) -> None:
        if self.is_stuck:
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.set()

    def _note(self, request: Any, context: Any) -> None:
        self.requests.append((request, dict(context.invocation_metadata()).get("traceparent", "")))


@asynccontextmanager
async def served(triton: FakeTriton) -> AsyncIterator[str]:
    """The address of the fake while the block runs."""
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


def input_of(request: Any, name: str) -> bytes:
    """The raw input of a request."""
    names = [tensor.name for tensor in request.inputs]
    raw: bytes = request.raw_input_contents[names.index(name)]
    return raw


def text_of(request: Any, name: str = "TEXT") -> str:
    """The one string in an input of a request."""
    return input_of(request, name)[4:].decode()


def response_of(outputs: Mapping[str, Value]) -> Any:
    """An answer with these outputs."""
    request = service_pb2.ModelInferRequest()
    for name, value in outputs.items():
        add_input(request, name, value)
    response = service_pb2.ModelInferResponse(raw_output_contents=request.raw_input_contents)
    for tensor in request.inputs:
        response.outputs.add(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
    return response
