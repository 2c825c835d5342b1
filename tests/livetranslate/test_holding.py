import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from livetranslate.breakers import Breakers
from livetranslate.errors import (
    DeadlineExceededError,
    InternalError,
    LiveTranslateError,
    NotFoundError,
    ResourceExhaustedError,
    UnavailableError,
)
from livetranslate.holding import KEEPER, Holds, IsLoaded, ModelHolder
from livetranslate.settings import KeeperOptions
from tests.fake_keeper import FULL, FakeKeeper, kept


@pytest.fixture
def keeper() -> FakeKeeper:
    return FakeKeeper({"mt_a": {"task": "mt"}, "mt_b": {"task": "mt"}})


async def never(_model: str) -> bool:
    return False


@asynccontextmanager
async def holder_of(
    address: str, *, wait_seconds: float = 10, idle_seconds: float = 0, is_loaded: IsLoaded = never
) -> AsyncIterator[ModelHolder]:
    """A holder while the block runs; afterwards nothing of it is left."""
    before = asyncio.all_tasks()
    options = KeeperOptions(address, wait_seconds, idle_seconds)
    holder = ModelHolder(options, Breakers(KEEPER, failure_limit=1000), is_loaded)
    try:
        async with asyncio.timeout(60):
            yield holder
    finally:
        await holder.close()
    ours = [task for task in asyncio.all_tasks() - before if "holding" in str(task.get_coro())]
    assert not ours


async def test_a_model_has_one_stream_for_all_its_sessions(keeper: FakeKeeper) -> None:
    """It is held while any of them uses it, and let go when the last has gone."""
    async with kept(keeper) as address, holder_of(address) as holder:
        with Holds(holder) as one, Holds(holder) as other:
            await asyncio.gather(one.hold("mt_a"), other.hold("mt_a"), one.hold("mt_a"))
            one.keep_only([])
            await other.hold("mt_b")
            assert keeper.held == {"mt_a": 1, "mt_b": 1}
        await keeper.until(mt_a=0, mt_b=0)
        assert sorted(keeper.asked) == ["mt_a", "mt_b"]


async def test_a_model_is_held_for_a_while_after_its_last_session(keeper: FakeKeeper) -> None:
    """A session that comes back at once finds it still held."""
    async with kept(keeper) as address, holder_of(address, idle_seconds=60) as holder:
        for _ in range(2):
            with Holds(holder) as holds:
                await holds.hold("mt_a")
        assert keeper.asked == ["mt_a"]
        assert keeper.held == {"mt_a": 1}


async def test_a_session_waits_for_its_own_model_only(keeper: FakeKeeper) -> None:
    """Another model is had while the first is still being loaded; one that takes too long ends in a clear error."""
    async with kept(keeper) as address, holder_of(address, wait_seconds=0.2) as holder:
        await holder.hold("mt_b")
        keeper.may_answer.clear()
        slow = asyncio.create_task(holder.hold("mt_a"))
        await keeper.until(mt_a=1)
        await holder.hold("mt_b")
        with pytest.raises(DeadlineExceededError, match="mt_a is still being loaded"):
            await slow
        await keeper.until(mt_a=0)


async def test_a_session_that_leaves_while_it_waits_lets_go(keeper: FakeKeeper) -> None:
    """Nobody else needs the model: the stream ends."""
    keeper.may_answer.clear()
    async with kept(keeper) as address, holder_of(address) as holder:
        waiting = asyncio.create_task(holder.hold("mt_a"))
        await keeper.until(mt_a=1)
        waiting.cancel()
        await keeper.until(mt_a=0)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [(FULL, ResourceExhaustedError), ("MODEL_NOT_FOUND", NotFoundError), ("MODEL_LOAD_FAILED", InternalError)],
)
async def test_a_refusal_is_the_error_that_the_client_gets(
    keeper: FakeKeeper, reason: str, kind: type[LiveTranslateError]
) -> None:
    """With the keeper's reason and words; for a moment it is not asked again."""
    keeper.refusals["mt_a"] = reason
    async with kept(keeper) as address, holder_of(address) as holder:
        for _ in range(2):
            with pytest.raises(kind, match="As told") as caught:
                await holder.hold("mt_a")
            assert (caught.value.reason, caught.value.metadata) == (reason, {"model": "mt_a"})
        assert keeper.asked == ["mt_a"]


async def test_what_was_refused_is_asked_for_again(keeper: FakeKeeper) -> None:
    """A second later there may be room."""
    keeper.refusals["mt_a"] = FULL
    async with kept(keeper) as address, holder_of(address, idle_seconds=60) as holder:
        with pytest.raises(ResourceExhaustedError):
            await holder.hold("mt_a")
        keeper.refusals.clear()
        while holder._held:  # noqa: ASYNC110 - until the refusal is forgotten
            await asyncio.sleep(0.01)
        await holder.hold("mt_a")
        assert keeper.asked == ["mt_a", "mt_a"]


async def test_held_models_are_held_at_the_next_keeper(keeper: FakeKeeper) -> None:
    """A keeper that is restarted hears of what is in use within a second, unasked."""
    async with kept(keeper) as address:
        pass  # an address that will be free
    async with holder_of(address) as holder:
        async with kept(keeper, address):
            await holder.hold("mt_a")
        other = FakeKeeper({})
        async with kept(other, address):
            await other.until(mt_a=1)


async def test_while_the_keeper_is_away_what_triton_has_is_used(keeper: FakeKeeper) -> None:
    """A model in memory is used at once, and held when the keeper is back; one that is not is refused in the end."""
    async with kept(keeper) as address:
        pass

    async def is_loaded(model: str) -> bool:
        return model == "mt_a"

    async with holder_of(address, wait_seconds=0.5, is_loaded=is_loaded) as holder:
        await holder.hold("mt_a")
        with pytest.raises(UnavailableError) as caught:
            await holder.hold("mt_b")
        assert caught.value.reason == "KEEPER_UNAVAILABLE"
        async with kept(keeper, address):
            await keeper.until(mt_a=1)


async def test_a_model_that_is_lost_is_asked_for_until_it_is_back(keeper: FakeKeeper) -> None:
    """The next keeper has no room for a model in use: its session goes on, and so does the asking."""
    async with kept(keeper) as address:
        pass
    async with holder_of(address) as holder:
        async with kept(keeper, address):
            await holder.hold("mt_a")
        other = FakeKeeper({})
        other.refusals["mt_a"] = FULL
        async with kept(other, address):
            while len(other.asked) < 2:  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.01)


async def test_models_too_large_for_the_budget_are_not_offered(keeper: FakeKeeper) -> None:
    """What can never be loaded is not listed; without a keeper that is an error, and not an empty list."""
    keeper.sizes = {"mt_a": 100, "mt_b": 101}
    async with kept(keeper) as address, holder_of(address) as holder:
        assert [config.name for config in await holder.configs()] == ["mt_a"]
        assert await holder.is_serving()
    async with holder_of(address) as holder:
        assert not await holder.is_serving()
        with pytest.raises(UnavailableError):
            await holder.configs()


async def test_without_a_keeper_everything_is_held() -> None:
    """Nothing is asked, and nothing waits."""
    with Holds(None) as holds:
        await holds.hold("mt_a")
        holds.keep_only(["mt_b"])
