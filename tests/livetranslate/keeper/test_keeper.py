import asyncio
import os
import signal
from pathlib import Path

import pytest

from livetranslate.breakers import Breakers
from livetranslate.errors import UnavailableError
from livetranslate.keeper.control import ModelControl
from livetranslate.keeper.keeper import Keeper
from livetranslate.keeper.memory import ModelMemory
from livetranslate.keeper.metrics import KeeperMetrics
from livetranslate.keeper.place import ModelState
from livetranslate.stack.triton import Triton
from livetranslate.tensors import Value
from livetranslate.triton import TRITON, TritonClient
from tests.explicit_triton import NullModel, explicit_triton
from tests.livetranslate.keeper.running import MIB, Running, running_keeper, unload_all

TEXT: dict[str, Value] = {"TEXT": ["good"], "SOURCE_LANGUAGE": ["en"], "TARGET_LANGUAGE": ["es"]}


async def test_what_is_asked_for_is_loaded_and_makes_room_later(running: Running) -> None:
    """A model is in Triton's memory once the answer is there; when it is let go, it stays until its room is needed."""
    async with running.keeper.holding() as ask:
        assert await ask(["mt_a", "mt_c"]) == ()
        assert await running.loaded() == {"mt_a", "mt_c"}
    async with running.keeper.holding() as ask:
        assert await ask(["mt_c"]) == ()
        assert await running.loaded() == {"mt_a", "mt_c"}
        assert await ask(["mt_b", "mt_c"]) == ()
        assert await running.loaded() == {"mt_b", "mt_c"}


async def test_what_does_not_fit_beside_what_is_held_is_refused(running: Running) -> None:
    """Nothing is loaded, nothing unloaded; the model is had when its room is free."""
    async with running.keeper.holding() as ask, running.keeper.holding() as ask_too:
        assert await ask(["mt_a"]) == ()
        (refusal,) = await ask_too(["mt_b"])
        assert (refusal.model, refusal.reason) == ("mt_b", "MODEL_MEMORY_FULL")
        assert await running.loaded() == {"mt_a"}
        assert await ask([]) == ()
        assert await ask_too(["mt_b"]) == ()
        assert await running.loaded() == {"mt_b"}


async def test_a_model_that_fails_is_refused_in_its_own_words(running: Running) -> None:
    """The refusal has what the model's code said; the other models are had, and the next one who asks is told again."""
    for _ in range(2):
        async with running.keeper.holding() as ask:
            (refusal,) = await ask(["mt_broken", "mt_c"])
        assert (refusal.model, refusal.reason) == ("mt_broken", "MODEL_LOAD_FAILED")
        assert "no such weights" in refusal.message
    assert await running.loaded() == {"mt_c"}


async def test_a_slow_load_keeps_nobody_else_waiting(running: Running) -> None:
    """While one model is being loaded, another one is loaded and given."""
    async with running.keeper.holding() as ask, running.keeper.holding() as ask_too:
        slow = asyncio.ensure_future(ask(["mt_slow"]))
        assert await ask_too(["mt_c"]) == ()
        assert not slow.done()
        assert await slow == ()


async def test_requests_in_flight_are_finished_before_a_model_leaves(
    running: Running, triton: Triton, repository: Path
) -> None:
    """A model that has to make room answers what it was asked; only then is the other one loaded."""
    client = TritonClient(triton.grpc_address)
    async with running.keeper.holding() as ask:
        await ask(["mt_long"])
        asked = asyncio.create_task(client.infer("mt_long", TEXT, timeout_seconds=10))
        while not (repository / "mt_long" / "1" / "asked").exists():  # nothing else tells
            assert not asked.done(), await asked
            await asyncio.sleep(0.01)
        await ask(["mt_b"])
        assert asked.done()
    assert (await asked)["TRANSLATION"] == [b"good"]
    await client.close()


async def test_a_load_that_takes_too_long_counts_until_it_ends(triton: Triton, repository: Path) -> None:
    """It is refused; but Triton goes on loading, and nothing else gets the memory before that is over."""
    await unload_all(triton.grpc_address)
    async with running_keeper(triton.grpc_address, repository, load_timeout_seconds=1.5) as running:
        async with running.keeper.holding() as ask:
            (refusal,) = await ask(["mt_slow"])
            assert refusal.reason == "MODEL_LOAD_FAILED"
            asked = asyncio.ensure_future(ask(["mt_b"]))
            while await running.loaded() != {"mt_slow"}:
                assert not asked.done()
                await asyncio.sleep(0.02)
            assert await asked == ()
        assert await running.loaded() == {"mt_b"}


async def test_the_next_keeper_finds_what_the_last_one_has_loaded(triton: Triton, repository: Path) -> None:
    """Models in memory are adopted: they count, and are given at once."""
    await unload_all(triton.grpc_address)
    async with running_keeper(triton.grpc_address, repository) as first, first.keeper.holding() as ask:
        await ask(["mt_a"])
    async with running_keeper(triton.grpc_address, repository) as second:
        assert second.ready() == {"mt_a"}
        assert second.keeper.memory.used_bytes == 60 * MIB


async def test_held_models_are_back_soon_after_triton_is(tmp_path: Path) -> None:
    """Triton dies and comes back with nothing in memory: what is held is loaded again, unasked, and so is what was
    just being loaded."""
    models = {"mt_a": NullModel(memory_mib=60), "mt_slow": NullModel(memory_mib=30, load_seconds=2)}
    with explicit_triton(models, tmp_path) as first:
        address = first.grpc_address
        repository = tmp_path / "triton" / "models"
        async with running_keeper(address, repository) as running, running.keeper.holding() as ask:
            await ask(["mt_a"])
            waiting = asyncio.ensure_future(ask(["mt_a", "mt_slow"]))
            while (await running.control.states())["mt_slow"] is not ModelState.LOADING:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            os.kill(first.pid, signal.SIGKILL)
            first.stop(0)
            with explicit_triton(models, tmp_path, int(address.rpartition(":")[2])):
                async with asyncio.timeout(60):
                    while await _loaded(running) != {"mt_a", "mt_slow"}:  # noqa: ASYNC110 - nothing else tells
                        await asyncio.sleep(0.05)
                    assert await waiting == ()


async def _loaded(running: Running) -> set[str]:
    try:
        return await running.loaded()
    except UnavailableError:
        return set()


async def test_says_that_triton_does_not_answer(tmp_path: Path) -> None:
    """The message says where it looked, and how Triton is to be started."""
    control = ModelControl("127.0.0.1:9", Breakers(TRITON))
    memory = ModelMemory(budget_bytes=0, stay_seconds=0)
    keeper = Keeper(memory, control, tmp_path, load_timeout_seconds=1, metrics=KeeperMetrics())
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1:9.*--model-control-mode=explicit"):
        await keeper.wait_for_triton(0.1)
    await control.close()
