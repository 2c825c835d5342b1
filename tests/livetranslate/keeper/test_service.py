import asyncio
from pathlib import Path
from typing import Any

import grpc
import pytest
from tritonclient.grpc import model_config_pb2

from livetranslate.stack.triton import Triton
from livetranslate.status import error_info
from livetranslate.triton import describe_model
from livetranslate.v1 import models_pb2
from tests.livetranslate.keeper.running import MIB, Running, running_keeper

Call = grpc.aio.StreamStreamCall[models_pb2.HoldModelsRequest, models_pb2.HoldModelsResponse]


def need(*models: str) -> models_pb2.HoldModelsRequest:
    return models_pb2.HoldModelsRequest(model_names=models)


async def listed(running: Running) -> dict[str, models_pb2.ServedModel]:
    answer = await running.stub.ListModels(models_pb2.ListModelsRequest())
    return {model.name: model for model in answer.models}


async def hold(running: Running, *models: str) -> tuple[Call, list[str]]:
    """A stream that holds these models, and which of them it was refused."""
    call: Call = running.stub.HoldModels()
    await call.write(need(*models))
    answer: Any = await call.read()
    return call, [refusal.reason for refusal in answer.refusals]


async def test_all_models_are_listed_with_how_they_stand(running: Running) -> None:
    """Whether loaded or not, a model is described, by its configuration, its size, its holders and its failure."""
    call, refusals = await hold(running, "mt_a", "mt_broken", "mt_unsized")
    assert refusals == ["MODEL_LOAD_FAILED"]
    models = await listed(running)
    assert list(models) == sorted(models)
    states = {name: models_pb2.ModelState.Name(model.state) for name, model in models.items()}
    assert (states["mt_a"], states["mt_b"], states["mt_broken"]) == (
        "MODEL_STATE_READY",
        "MODEL_STATE_UNLOADED",
        "MODEL_STATE_FAILED",
    )
    assert (models["mt_a"].memory_bytes, models["mt_unsized"].memory_bytes) == (60 * MIB, 0)
    assert "no such weights" in models["mt_broken"].failure
    config = model_config_pb2.ModelConfig.FromString(models["mt_b"].model_config)
    assert describe_model(config).language_pairs == (("en", "es"),)
    assert (models["mt_a"].holder_count, models["mt_a"].idle_duration.ToNanoseconds()) == (1, 0)
    assert not models["mt_b"].HasField("idle_duration")
    await call.done_writing()
    assert await call.code() == grpc.StatusCode.OK
    released = (await listed(running))["mt_a"]
    assert released.holder_count == 0
    assert released.idle_duration.ToNanoseconds() > 0


async def test_a_holder_that_dies_lets_go(running: Running) -> None:
    """Its stream breaks, and what it held makes room for another."""
    call, _ = await hold(running, "mt_a")
    call.cancel()
    async with asyncio.timeout(60):
        while (await listed(running))["mt_a"].holder_count:  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.01)
    _, refusals = await hold(running, "mt_b")
    assert refusals == []


async def test_requests_of_one_stream_replace_one_another(running: Running) -> None:
    """Each is answered in order; what is not named any more is let go."""
    call, _ = await hold(running, "mt_a", "mt_c")
    await call.write(need("mt_c"))
    await call.write(need("mt_b", "mt_nothing"))
    first: Any = await call.read()
    second: Any = await call.read()
    assert not first.refusals
    assert [(refusal.model_name, refusal.reason) for refusal in second.refusals] == [("mt_nothing", "MODEL_NOT_FOUND")]
    assert {name for name, model in (await listed(running)).items() if model.holder_count} == {"mt_b"}
    call.cancel()


@pytest.mark.parametrize(
    ("models", "reason"), [(["mt_a"] * 1001, "TOO_MANY_MODELS"), (["m" * 257], "MODEL_NAME_TOO_LONG")]
)
async def test_requests_have_limits(running: Running, models: list[str], reason: str) -> None:
    """What is too much is refused, and the stream ended."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await hold(running, *models)
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    info = error_info(caught.value)
    assert info is not None
    assert info.reason == reason


async def test_a_keeper_that_stops_sends_its_holders_away_at_once(triton: Triton, repository: Path) -> None:
    """A stream ends with UNAVAILABLE when the keeper drains; the models stay loaded."""
    async with running_keeper(triton.grpc_address, repository) as running:
        call, _ = await hold(running, "mt_c")
        stopping = asyncio.create_task(running.server.stop())
        async with asyncio.timeout(1):  # and not after the time that streams have to end by themselves
            assert await call.code() == grpc.StatusCode.UNAVAILABLE
        assert "mt_c" in await running.loaded()
        await stopping
