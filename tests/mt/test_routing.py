"""Ways from one language into another."""

import pytest

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError
from livetranslate.triton import TritonClient
from mt.job import RouteModel
from mt.routing import route_to
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
