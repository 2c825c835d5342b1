"""Real servers, started once for all integration tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TritonClient

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves the embedded engines, one process each."""
    options = TritonOptions(model_repository=ROOT / "model_repository", instances=1)
    server = start_triton(options, tmp_path_factory.mktemp("triton"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def null_triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    """A Triton that serves the engines that cost nothing."""
    options = TritonOptions(model_repository=ROOT / "bench" / "models", profile="null")
    server = start_triton(options, tmp_path_factory.mktemp("null_triton"))
    yield server
    server.stop()


@pytest.fixture
async def triton_client(triton: Triton) -> AsyncIterator[TritonClient]:
    """A client of the embedded engines."""
    client = TritonClient(triton.grpc_address)
    yield client
    await client.close()


@pytest.fixture
async def null_triton_client(null_triton: Triton) -> AsyncIterator[TritonClient]:
    """A client of the engines that cost nothing."""
    client = TritonClient(null_triton.grpc_address)
    yield client
    await client.close()
