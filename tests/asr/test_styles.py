import pytest

from asr.sequence_decoding import SequenceDecoding
from asr.styles import is_usable, new_decoding
from asr.window_decoding import WindowDecoding
from livetranslate.models import Model

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
