"""A whole system whose models do not fit into memory together."""

import asyncio
from collections.abc import Iterator

import grpc
import pytest

from livetranslate.client import AsyncClient, TranslateError
from livetranslate.stack.stack import Stack, StackOptions, running_stack
from livetranslate.v1 import models_pb2, models_pb2_grpc
from tests.environment import ENVIRONMENT
from tests.explicit_triton import NullModel, write_models
from tests.gateway.talk import pieces, talk
from tests.gateway.told import Told

MODELS = {
    "asr_null": NullModel("asr_null", memory_mib=40),
    "mt_spanish": NullModel(memory_mib=40),
    "mt_spanish_small": NullModel(memory_mib=5, rank=1),
    "mt_french": NullModel(memory_mib=40, pairs="en-fr"),
    "tts_null": NullModel("tts_null", memory_mib=10),
}
BUDGET_MIB = 100


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """It, with nothing held for long after it was needed."""
    folder = tmp_path_factory.mktemp("keeper_stack")
    write_models(MODELS, folder / "repository")
    own = {"LIVETRANSLATE_KEEPER_IDLE_SECONDS": "1", "LIVETRANSLATE_KEEPER_STAY_SECONDS": "0"}
    options = StackOptions(
        profile="null",
        data_folder=folder / "data",
        model_repository=folder / "repository",
        memory_budget_mib=BUDGET_MIB,
        environment={**ENVIRONMENT, **own},
    )
    with running_stack(options) as stack:
        yield stack


async def held(stack: Stack) -> set[str]:
    """The models that somebody holds."""
    async with grpc.aio.insecure_channel(stack.addresses["keeper"]) as channel:
        answer = await models_pb2_grpc.ModelServiceStub(channel).ListModels(models_pb2.ListModelsRequest())
    return {model.name for model in answer.models if model.holder_count}


async def spoken(client: AsyncClient, target: str, seconds: int = 6) -> Told:
    """A whole session into one language."""
    return await Told.of(client.translate(pieces(talk(seconds).tobytes()), source="en", targets=[target]))


async def test_sessions_share_the_memory_that_there_is(stack: Stack) -> None:
    """While one session lasts, its models stay and others in the same languages join; one that needs more is refused
    before it begins, a target that needs more by a notice; when the memory is free, both are served."""
    async with AsyncClient(stack.gateway_address) as client:
        async with client.open_session(source="en", targets=["es"], speech=["es"]) as session:
            told, events = Told(), aiter(session)
            await told.until(events, lambda told: bool(told.events))
            assert await held(stack) == {"asr_null", "mt_spanish", "mt_spanish_small", "tts_null"}
            with pytest.raises(TranslateError, match="There is no memory for mt_french now") as caught:
                await spoken(client, "fr")
            assert (caught.value.code, caught.value.reason) == (
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "MODEL_MEMORY_FULL",
            )
            assert (await spoken(client, "es")).translated("es")
            await session.set_targets(["es", "fr"])
            await session.send_audio(talk(6).tobytes())
            await session.finish()
            told.events += [event async for event in events]
        assert told.translated("es") == list(told.finals) != []
        (refused,) = [event.notice for event in told.events if event.HasField("notice")]
        assert told.notices == ["TARGET_REFUSED"]
        assert (refused.language_code, "mt_french" in refused.message) == ("fr", True)
        async with asyncio.timeout(60):
            while await held(stack):  # noqa: ASYNC110 - nothing else tells
                await asyncio.sleep(0.05)
        french = await spoken(client, "fr")
        assert french.translated("fr") == list(french.finals) != []
        assert french.notices == []
