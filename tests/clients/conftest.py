"""A system for the clients in other languages, with a gateway more, to be killed."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from livetranslate.stack.postgres import Postgres
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from tests.clients.package import Captions, python_captions
from tests.environment import ENVIRONMENT
from tests.gateway.parts import Parts

ROOT = Path(__file__).parents[2]
INNER = {f"LIVETRANSLATE_{name.upper()}_URL": name for name in ("asr", "mt", "tts", "triton")}


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole system, with the engines that cost nothing."""
    options = StackOptions(
        profile="null",
        data_folder=tmp_path_factory.mktemp("stack"),
        model_repository=ROOT / "bench" / "models",
        environment=ENVIRONMENT,
    )
    with running_stack(options) as stack:
        yield stack


@pytest.fixture
def doomed(stack: Stack, tmp_path: Path) -> Iterator[Parts]:
    """Another gateway beside the same services and the same database."""
    postgres = stack.parts["postgres"]
    assert isinstance(postgres, Postgres)
    inner = {variable: stack.addresses[name] for variable, name in INNER.items()}
    parts = Parts.beside(stack, tmp_path, postgres.url, inner)
    parts.start("gateway")
    yield parts
    parts.stop()


@pytest.fixture
def silent() -> Iterator[str]:
    """An address where nobody answers, nor refuses, as that of a machine that is gone: its queue is full."""
    with ExitStack() as sockets:
        listener = sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
async def expected(stack: Stack) -> Captions:
    """What the Python client is told of the recording, without a break."""
    return await python_captions(stack.gateway_address)
