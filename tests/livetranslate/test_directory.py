from collections.abc import Iterator
from pathlib import Path

import pytest

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, UnavailableError
from livetranslate.models import model_for_language
from livetranslate.stack.triton import Triton
from livetranslate.triton import TritonClient
from tests.fake_triton import FakeTriton, served
from tests.null_triton import null_triton


@pytest.fixture
def triton(tmp_path: Path) -> Iterator[Triton]:
    with null_triton(tmp_path) as running:
        yield running


async def test_knows_models_while_triton_is_away(triton: Triton) -> None:
    """Models are chosen as Triton describes them, and still known when it is gone; a wrong choice stays refused."""
    client = TritonClient(triton.grpc_address)
    directory = ModelDirectory(client, "asr")
    assert (await directory.choose(lambda models: model_for_language(models, "en", what="hear"))).name == "asr_null"
    triton.stop(0)
    directory._refreshed = -1e9  # long ago
    assert [model.name for model in await directory.models()] == ["asr_null"]
    with pytest.raises(InvalidArgumentError, match="Languages: en"):
        await directory.choose(lambda models: model_for_language(models, "fr", what="hear"))
    await client.close()


async def test_a_triton_that_has_just_started_is_not_believed_to_have_none() -> None:
    """While no model is ready yet, those from before are known; what has changed since is learnt later."""
    triton = FakeTriton({"asr_test": {"task": "asr", "languages": "en"}})
    async with served(triton) as address:
        client = TritonClient(address)
        directory = ModelDirectory(client, "asr")
        await directory.models()
        triton.models = {}
        directory._refreshed = -1e9  # long ago
        assert [model.name for model in await directory.models()] == ["asr_test"]
        triton.models = {"asr_other": {"task": "asr", "languages": "fr"}}
        directory._refreshed = -1e9
        assert [model.name for model in await directory.models()] == ["asr_other"]
        await client.close()


async def test_says_that_triton_never_answered() -> None:
    """Where Triton was never reached, that is the error, and not that there is no model."""
    client = TritonClient("127.0.0.1:9")
    with pytest.raises(UnavailableError):
        await ModelDirectory(client, "asr").models()
    await client.close()
