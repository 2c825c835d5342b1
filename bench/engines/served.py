"""The same engine behind Triton, asked over gRPC by callers who always have the next request ready."""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from tritonclient.grpc import service_pb2, service_pb2_grpc

from bench.engines.subject import Subject
from bench.triton_counts import Counts, counts_of
from livetranslate.channel import STICK, open_channel
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TritonClient

ROOT = Path(__file__).parents[2]
_TIMEOUT_SECONDS = 300
_LONE_REQUESTS = 5  # at least; a lone request's cost is the mean


@dataclass(frozen=True, slots=True)
class Throughput:
    """What Triton made of many requests."""

    items_per_second: float
    mean_batch: float


@dataclass(frozen=True, slots=True)
class LoneRequest:
    """What one request takes when there is no other, in milliseconds."""

    round_trip_ms: float
    model_ms: float


class ServedEngine:
    """A Triton that serves one model."""

    def __init__(self, triton: Triton, subject: Subject) -> None:
        """Ask a server that somebody else starts and stops."""
        self._triton = triton
        self._subject = subject
        self.model = triton.models[0]

    def throughput(self, in_flight: int, seconds: float) -> Throughput:
        """With so many requests on their way all the time."""
        return asyncio.run(self._throughput(in_flight, seconds))

    def lone_request(self, seconds: float) -> LoneRequest:
        """One request after the other."""
        return asyncio.run(self._lone_request(seconds))

    def memory_mib(self) -> float:
        """What the model's process holds."""
        stubs = [
            child
            for child in psutil.Process(self._triton.pid).children(recursive=True)
            if any(self.model in part for part in child.cmdline())
        ]
        return float(sum(stub.memory_info().rss for stub in stubs) / 2**20)

    def counts(self) -> Counts:
        """What it has answered so far."""
        return counts_of(self._triton, self.model)

    async def client(self) -> TritonClient:
        """A client that knows the model; whoever asks for it closes it."""
        client = TritonClient(self._triton.grpc_address)
        await client.models(self._subject.engine.partition("_")[0])  # whose outputs are known from now on
        return client

    async def _throughput(self, in_flight: int, seconds: float) -> Throughput:
        client = await self.client()
        await asyncio.gather(*(self._ask(client) for _ in range(in_flight)))
        before = self.counts()
        answered = 0
        started = time.perf_counter()

        async def keep_asking() -> None:
            nonlocal answered
            while time.perf_counter() - started < seconds:
                await self._ask(client)
                answered += 1

        await asyncio.gather(*(keep_asking() for _ in range(in_flight)))
        elapsed = time.perf_counter() - started
        await client.close()
        return Throughput(answered / elapsed, self.counts().since(before).mean_batch)

    async def _lone_request(self, seconds: float) -> LoneRequest:
        client = await self.client()
        await self._ask(client)
        count, before_ns = 0, await self._compute_ns()
        started = time.perf_counter()
        while count < _LONE_REQUESTS or time.perf_counter() - started < seconds:
            await self._ask(client)
            count += 1
        elapsed = time.perf_counter() - started
        model_ns = await self._compute_ns() - before_ns
        await client.close()
        return LoneRequest(elapsed * 1e3 / count, model_ns / 1e6 / count)

    async def _ask(self, client: TritonClient) -> None:
        request = self._subject.request()
        if not self._subject.is_stream:
            priority = self._subject.priority
            await client.infer(self.model, request, timeout_seconds=_TIMEOUT_SECONDS, priority=priority)
            return
        async for _ in client.infer_stream(self.model, request, timeout_seconds=_TIMEOUT_SECONDS):
            pass

    async def _compute_ns(self) -> int:
        """All time that the model has spent on requests."""
        async with open_channel(self._triton.grpc_address, STICK) as channel:
            stub = service_pb2_grpc.GRPCInferenceServiceStub(channel)
            answer = await stub.ModelStatistics(service_pb2.ModelStatisticsRequest(name=self.model))
        return int(answer.model_stats[0].inference_stats.compute_infer.ns)


@contextmanager
def served_engine(subject: Subject, models_folder: Path, max_batch_size: int) -> Iterator[ServedEngine]:
    """A Triton with the model alone, whose batches hold at most so many, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="livetranslate-bench-") as folder:
        repository = Path(folder) / "repository"
        shutil.copytree(ROOT / "model_repository" / subject.engine, repository / subject.engine)
        _limit_batches(repository / subject.engine / "config.pbtxt", max_batch_size)
        options = TritonOptions(
            model_repository=repository,
            profile=subject.profile,
            models_folder=models_folder,
            instances=1,
            ready_timeout_seconds=_TIMEOUT_SECONDS,
        )
        triton = start_triton(options, Path(folder))
        try:
            yield ServedEngine(triton, subject)
        finally:
            triton.stop()


def _limit_batches(config: Path, max_batch_size: int) -> None:
    """Models without batches keep their 1."""
    text = config.read_text(encoding="utf-8")
    if "dynamic_batching" in text:
        config.write_text(re.sub(r"max_batch_size: \d+", f"max_batch_size: {max_batch_size}", text), encoding="utf-8")
