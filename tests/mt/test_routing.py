"""Ways from one language into another."""

import asyncio

import pytest

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, ResourceExhaustedError
from livetranslate.settings import KeeperOptions
from livetranslate.triton import TritonClient
from mt.job import RouteModel
from mt.routing import Routes, route_to
from tests.fake_keeper import FULL, FakeKeeper, kept
from tests.fake_triton import FakeTriton, served

MODELS = {
    "mt_a": {"task": "mt", "language_pairs": "en-es", "rank": "2"},
    "mt_b": {"task": "mt", "language_pairs": "en-es en-es-MX", "takes": "context prefix", "rank": "1"},
    "mt_c": {"task": "mt", "language_pairs": "en-es", "rank": "3"},
    "mt_d": {"task": "mt", "language_pairs": "en-es", "rank": "4"},
}


async def test_a_route_has_all_models_by_rank() -> None:
    """The first is asked first, the others where its translation is weak; not more than are worth waiting for."""
    async with served(FakeTriton(MODELS)) as address:
        client = TritonClient(address)
        route = await route_to(ModelDirectory(client, "mt"), "en-GB", "es-MX")
        await client.close()
    assert route.language_code == "es-MX"
    assert route.models == (
        RouteModel("mt_b", "en", "es-MX", frozenset({"context", "prefix"})),
        RouteModel("mt_a", "en", "es"),
        RouteModel("mt_c", "en", "es"),
    )


@pytest.mark.parametrize(("source", "target"), [("en", "en-GB"), ("en", "fr")])
async def test_where_there_is_no_way_an_error_says_so(source: str, target: str) -> None:
    """Into the spoken language itself, or into one that no model knows."""
    async with served(FakeTriton(MODELS)) as address:
        client = TritonClient(address)
        with pytest.raises(InvalidArgumentError):
            await route_to(ModelDirectory(client, "mt"), source, target)
        await client.close()


async def test_a_session_holds_its_models_and_passes_over_those_it_cannot_have() -> None:
    """The chain goes without a model that is refused; what only a target that was removed needs is let go."""
    keeper = FakeKeeper({**MODELS, "mt_ca": {"task": "mt", "language_pairs": "en-ca"}})
    keeper.refusals["mt_b"] = FULL
    async with kept(keeper) as address, asyncio.timeout(60):
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address, idle_seconds=0))
        directory = ModelDirectory(client, "mt")
        with directory.holds() as holds:
            routes = Routes(directory, holds)
            for _ in range(2):
                assert [model.name for model in (await routes.find("en", "es")).models] == ["mt_a", "mt_c"]
            await routes.find("en", "ca")
            await keeper.until(mt_a=1, mt_b=0, mt_c=1, mt_ca=1)
            routes.keep_only(["ca"])
            await keeper.until(mt_a=0, mt_c=0, mt_ca=1)
        await keeper.until(mt_ca=0)
        await client.close()


async def test_where_no_model_can_be_had_the_first_ones_reason_is_told() -> None:
    """A full memory is that to the client, too, and not a missing pair."""
    keeper = FakeKeeper(MODELS)
    keeper.refusals |= dict.fromkeys(MODELS, "MODEL_LOAD_FAILED") | {"mt_b": FULL}
    async with kept(keeper) as address:
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address))
        directory = ModelDirectory(client, "mt")
        with directory.holds() as holds, pytest.raises(ResourceExhaustedError):
            await Routes(directory, holds).find("en", "es")
        await client.close()
