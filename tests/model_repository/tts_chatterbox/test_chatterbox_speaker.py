from typing import Any

import numpy as np
import pytest

from bench.weights.cloner import TOKEN_SAMPLES, save_tiny_cloner, tiny_loudness
from livetranslate.engine.batch import RefusedError
from tests.model_repository.loading import load_sibling
from tests.model_repository.tts_chatterbox.loading import hum, placement

chatterbox_speaker = load_sibling("tts_chatterbox", "chatterbox_speaker")


@pytest.fixture(scope="module")
def chatterbox(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("weights") / "tiny"
    save_tiny_cloner(folder)
    loaded = chatterbox_speaker.Chatterbox(placement(folder))
    loaded.warm_up()
    return loaded


def say(chatterbox: Any, text: str, hertz: float = 200, rate: float = 1.0) -> Any:
    voice = chatterbox.voice("speaker", hum(hertz))
    return np.concatenate([np.zeros(0, np.int16), *chatterbox.speak(text, "es", voice, rate, lambda: False)])


def test_a_text_is_said_as_it_is_written(chatterbox: Any) -> None:
    """Each character is 40 ms of its own loudness: nothing is lost on the way, nor said twice."""
    samples = say(chatterbox, "Hola, amigo")
    pieces = samples.reshape(-1, TOKEN_SAMPLES)
    loudness = [round(float(np.abs(piece).max()) / 32_767, 2) for piece in pieces]
    assert loudness == pytest.approx([tiny_loudness(part) for part in ["es", *"hola, amigo."]], abs=0.011)


@pytest.mark.parametrize("hertz", [110, 220])
def test_the_voice_is_that_of_the_reference(chatterbox: Any, hertz: float) -> None:
    """Who hums low is imitated low."""
    samples = say(chatterbox, "Buenos dias a todos", hertz)
    crossings = np.count_nonzero(np.diff(np.signbit(samples)))
    assert crossings / 2 / (samples.size / 24_000) == pytest.approx(hertz, rel=0.02)


def test_sentences_come_one_by_one(chatterbox: Any) -> None:
    """The first is there before the second is made; who leaves then stops it."""
    steps: list[int] = []

    def is_cancelled() -> bool:
        steps.append(1)
        return is_over

    is_over = False
    voice = chatterbox.voice("", hum(200))
    speech = chatterbox.speak("Hola. " + "Uno dos tres.", "es-MX", voice, 1.0, is_cancelled)
    assert next(speech).size == 6 * TOKEN_SAMPLES
    assert len(steps) < 10
    is_over = True
    assert next(speech, None) is None


def test_speech_may_hurry(chatterbox: Any) -> None:
    """Up to twice as fast, and no faster; what is no number is slow."""
    usual = say(chatterbox, "Buenos dias").size
    assert say(chatterbox, "Buenos dias", rate=float("nan")).size == say(chatterbox, "Buenos dias", rate=0.5).size
    assert say(chatterbox, "Buenos dias", rate=1.25).size == pytest.approx(usual / 1.25, abs=1)
    assert say(chatterbox, "Buenos dias", rate=9).size == usual // 2


def test_marks_are_nothing_to_say(chatterbox: Any) -> None:
    """They cost nothing and fail nothing."""
    assert say(chatterbox, " … ").size == 0


def test_what_cannot_be_said_is_refused(chatterbox: Any) -> None:
    """The message says what there is."""
    voice = chatterbox.voice("speaker", hum(200))
    with pytest.raises(RefusedError, match=r"'ja'; there are: en es"):
        next(chatterbox.speak("hai", "ja", voice, 1.0, lambda: False))
    with pytest.raises(RefusedError, match="there is 'speaker'"):
        chatterbox.voice("ana", hum(200))
    with pytest.raises(RefusedError, match="REFERENCE is missing"):
        chatterbox.voice("speaker", None)
