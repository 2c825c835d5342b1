import asyncio

import pytest

from asr.sequence_decoding import SequenceDecoding
from asr.settings import AsrSettings
from asr.styles import Recognizers, is_usable, new_decoding
from asr.window_decoding import WindowDecoding
from livetranslate.errors import ResourceExhaustedError
from livetranslate.models import Model
from livetranslate.settings import KeeperOptions
from livetranslate.triton import TritonClient
from tests.fake_keeper import FULL, FakeKeeper, kept

SEQUENCE = Model("asr_a", "asr", decoding="sequence")
WINDOW = Model("asr_b", "asr", decoding="window", window_seconds=(5, 30))


@pytest.mark.parametrize(
    ("model", "usable"),
    [
        (SEQUENCE, True),
        (WINDOW, True),
        (Model("asr_c", "asr", decoding="window"), False),
        (Model("asr_d", "asr", decoding="backwards"), False),
        (Model("asr_e", "asr"), False),
    ],
)
def test_models_that_can_be_used(model: Model, usable: bool) -> None:
    """A style must be known, and a model of windows must say how long they are."""
    assert is_usable(model) is usable


@pytest.mark.parametrize(("model", "kind"), [(SEQUENCE, SequenceDecoding), (WINDOW, WindowDecoding)])
def test_each_style_has_its_decoding(model: Model, kind: type) -> None:
    """A model's segments are decoded as its style demands."""
    assert isinstance(new_decoding(model)(0), kind)


@pytest.mark.parametrize("model", [SEQUENCE, WINDOW])
async def test_a_recognizer_holds_its_model(model: Model) -> None:
    """As long as it is lent out; where the model cannot be had, it is not lent out at all."""
    keeper = FakeKeeper({})
    async with kept(keeper) as address, asyncio.timeout(60):
        client = TritonClient("127.0.0.1:9", keeper=KeeperOptions(address, idle_seconds=0))
        recognizers = Recognizers(client, AsrSettings())
        async with recognizers.recognizing(model, ()):
            assert keeper.held == {model.name: 1}
        await keeper.until(**{model.name: 0})
        keeper.refusals[model.name] = FULL
        with pytest.raises(ResourceExhaustedError):
            async with recognizers.recognizing(model, ()):
                raise AssertionError("there is no memory for it")
        await client.close()
