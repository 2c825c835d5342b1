import pytest

from livetranslate.directory import ModelDirectory
from livetranslate.errors import InvalidArgumentError, ResourceExhaustedError
from livetranslate.settings import KeeperOptions
from livetranslate.triton import TritonClient
from tests.fake_keeper import FULL, FakeKeeper, kept
from tts.casting import hold_voice

MODELS = {
    "tts_good": {"task": "tts", "languages": "es", "voices": "ana", "rank": "1"},
    "tts_plain": {"task": "tts", "languages": "es", "voices": "robot", "rank": "2"},
}


@pytest.mark.parametrize(
    ("refused", "name", "model"),
    [([], "", "tts_good"), (["tts_good"], "", "tts_plain"), (["tts_good"], "robot", "tts_plain")],
)
async def test_a_voice_whose_model_cannot_be_had_is_passed_over(refused: list[str], name: str, model: str) -> None:
    """Another one that will do speaks; its model is held as long as the stream lasts."""
    keeper = FakeKeeper(MODELS)
    keeper.refusals |= dict.fromkeys(refused, FULL)
    async with kept(keeper) as address:
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address))
        directory = ModelDirectory(client, "tts")
        with directory.holds() as holds:
            assert (await hold_voice(directory, holds, "es", name)).model == model
            assert keeper.held[model] == 1
        await client.close()


@pytest.mark.parametrize(
    ("language", "name", "kind"),
    [("es", "", ResourceExhaustedError), ("es", "ana", ResourceExhaustedError), ("fr", "", InvalidArgumentError)],
)
async def test_where_no_voice_can_be_had_the_reason_is_told(language: str, name: str, kind: type[Exception]) -> None:
    """A full memory is that, also where a voice was asked for by its name; a missing language is not."""
    keeper = FakeKeeper(MODELS)
    keeper.refusals |= dict.fromkeys(MODELS, FULL)
    async with kept(keeper) as address:
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address))
        directory = ModelDirectory(client, "tts")
        with directory.holds() as holds, pytest.raises(kind):
            await hold_voice(directory, holds, language, name)
        await client.close()
