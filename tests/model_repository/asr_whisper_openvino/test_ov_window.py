import numpy as np
import pytest

from livetranslate.engine.batch import RefusedError
from tests.model_repository.loading import load_sibling

ov_window = load_sibling("asr_whisper_openvino", "ov_window")
PARAMETERS = {"device": "AUTO", "precision": "", "languages": "en pt-BR", "tokens_per_second": "15"}
OPTIONS = ov_window.Options.read(PARAMETERS)
SECOND = 16_000


def test_parameters_are_read() -> None:
    """The device may be set from outside."""
    assert OPTIONS.languages == ("en", "pt-BR")
    assert OPTIONS.tokens_per_second == 15
    assert (OPTIONS.device, ov_window.Options.read(PARAMETERS, "GPU.1").device) == ("AUTO", "GPU.1")


def test_padding_is_no_part_of_a_window() -> None:
    """Nor is it refused, however long it is."""
    window = ov_window.Window.of(np.arange(40 * SECOND), 3 * SECOND, "en", OPTIONS, prompt="so")
    assert len(window.samples) == 3 * SECOND
    assert (window.language, window.prompt, window.phrases) == ("en", "so", ())


@pytest.mark.parametrize("length", [-1, 0, SECOND + 1])
def test_a_length_makes_sense(length: int) -> None:
    """It is within the audio."""
    with pytest.raises(RefusedError, match="must be 1 to 16,000"):
        ov_window.Window.of(np.zeros(SECOND), length, "en", OPTIONS)


def test_more_than_whisper_hears_is_refused() -> None:
    """It is never cut silently."""
    ov_window.Window.of(np.zeros(31 * SECOND), 30 * SECOND, "en", OPTIONS)
    with pytest.raises(RefusedError, match="at most 480,000"):
        ov_window.Window.of(np.zeros(31 * SECOND), 30 * SECOND + 1, "en", OPTIONS)


def test_a_language_that_is_not_spoken_is_refused() -> None:
    """None is fine: it is found out."""
    ov_window.Window.of(np.zeros(9), 9, "", OPTIONS)
    with pytest.raises(RefusedError, match="'es'; it must be empty or one of en pt-BR"):
        ov_window.Window.of(np.zeros(9), 9, "es", OPTIONS)


@pytest.mark.parametrize(("seconds", "tokens"), [(1, 25), (10, 160), (30, 224)])
def test_text_is_as_long_as_people_can_talk(seconds: int, tokens: int) -> None:
    """And never longer than half of the decoder's positions."""
    assert ov_window.Window(np.zeros(seconds * SECOND)).max_tokens(15) == tokens
