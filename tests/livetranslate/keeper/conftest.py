from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from livetranslate.stack.triton import Triton
from tests.explicit_triton import NullModel, explicit_triton
from tests.livetranslate.keeper.running import Running, running_keeper, unload_all

MODELS = {
    "mt_a": NullModel(memory_mib=60),
    "mt_b": NullModel(memory_mib=60),
    "mt_c": NullModel(memory_mib=30),
    "mt_slow": NullModel(memory_mib=60, load_seconds=2.5),
    "mt_long": NullModel(memory_mib=60, infer_seconds=1),
    "mt_broken": NullModel(memory_mib=10, is_broken=True),
    "mt_unsized": NullModel(),
}


@pytest.fixture(scope="module")
def work_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keeper")


@pytest.fixture(scope="module")
def triton(work_dir: Path) -> Iterator[Triton]:
    with explicit_triton(MODELS, work_dir) as running:
        yield running


@pytest.fixture
def repository(work_dir: Path) -> Path:
    return work_dir / "triton" / "models"


@pytest.fixture
async def running(triton: Triton, repository: Path) -> AsyncIterator[Running]:
    """A keeper of 100 MiB; nothing is loaded."""
    await unload_all(triton.grpc_address)
    async with running_keeper(triton.grpc_address, repository) as running:
        yield running
