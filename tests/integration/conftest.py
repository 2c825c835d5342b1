"""Real servers, started once for all integration tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from livetranslate.client import AsyncClient
from livetranslate.stack.ports import HOST, free_ports
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from livetranslate.stack.triton import Triton, TritonOptions, start_triton
from livetranslate.triton import TritonClient
from tests.environment import ENVIRONMENT

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


@pytest.fixture(scope="session")
def null_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, with the engines that cost nothing."""
    options = StackOptions(
        profile="null",
        data_folder=tmp_path_factory.mktemp("null_stack"),
        model_repository=ROOT / "bench" / "models",
        environment=ENVIRONMENT,
        web_address=f"{HOST}:{free_ports(1)[0]}",
    )
    with running_stack(options) as stack:
        yield stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, with the embedded engines."""
    options = StackOptions(
        data_folder=tmp_path_factory.mktemp("stack"),
        environment=ENVIRONMENT,
        web_address=f"{HOST}:{free_ports(1)[0]}",
    )
    with running_stack(options) as stack:
        yield stack


@pytest.fixture
async def client(null_stack: Stack) -> AsyncIterator[AsyncClient]:
    """A client of that system."""
    async with AsyncClient(null_stack.gateway_address) as client:
        yield client
