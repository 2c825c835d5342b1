import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.weights.voice import TINY_SYMBOL_SAMPLES, save_random_voice, save_tiny_voice
from livetranslate.engine.batch import AwayError, RefusedError
from livetranslate.engine.placement import Placement
from livetranslate.weights import read_weights
from tests.model_repository.loading import load_sibling

piper_espeak = load_sibling("tts_piper", "piper_espeak")
piper_voice = load_sibling("tts_piper", "piper_voice")
piper_config = load_sibling("tts_piper", "piper_config")

MARGIN = 220  # samples that stay of the silence on either side: ten milliseconds


@pytest.fixture(scope="module")
def espeak() -> Iterator[Any]:
    pool = piper_espeak.EspeakPool()
    yield pool
    pool.stop()


def load(folder: Path, espeak: Any, **parameters: str) -> Any:
    """The voice in a folder, as Triton gives it to the model."""
    described = dict(read_weights(folder).parameters) | {"weights": str(folder)} | parameters
    return piper_voice.PiperVoice(Placement(described, "cpu", 0, 1), espeak)


def say(voice: Any, text: str, speaker: int = 0, rate: float = 1.0) -> Any:
    return np.concatenate([np.zeros(0, np.int16), *voice.speak(text, speaker, rate)])


def test_speech_lasts_as_its_phonemes(tmp_path: Path, espeak: Any) -> None:
    """`no` is three phonemes, of which the stress is one, and the padding between them is silence."""
    save_tiny_voice(tmp_path / "voice", "es")
    samples = say(load(tmp_path / "voice", espeak), "no")
    assert samples.size == pytest.approx(5 * TINY_SYMBOL_SAMPLES + 2 * MARGIN, abs=10)


def test_sentences_come_one_by_one_with_pauses(tmp_path: Path, espeak: Any) -> None:
    """The first is there before the second is made."""
    save_tiny_voice(tmp_path / "voice", "es")
    voice = load(tmp_path / "voice", espeak)
    speech = voice.speak("no. no.", 0, 1.0)
    first, pause, second = next(speech), next(speech), next(speech)
    assert np.array_equal(first, second)
    assert (pause.size, pause.any()) == (4410, False)
    assert next(speech, None) is None


@pytest.mark.parametrize(("rate", "factor"), [(2.0, 2.0), (0.5, 0.5), (9.0, 2.0), (0.01, 0.5), (float("nan"), 0.5)])
def test_the_pace_is_that_asked_for_within_bounds(tmp_path: Path, espeak: Any, rate: float, factor: float) -> None:
    """Nobody understands speech beyond them."""
    save_tiny_voice(tmp_path / "voice", "es")
    voice = load(tmp_path / "voice", espeak)
    usual, other = (say(voice, "buenos días", rate=pace).size - 2 * MARGIN for pace in (1.0, rate))
    assert other == pytest.approx(usual / factor, rel=0.01)


@pytest.mark.parametrize("text", ["", "...", "¿?", " \n "])
def test_what_has_no_words_is_silent(tmp_path: Path, espeak: Any, text: str) -> None:
    """There is no speech at all."""
    save_tiny_voice(tmp_path / "voice", "es")
    assert say(load(tmp_path / "voice", espeak), text).size == 0


def test_languages_and_voices_are_those_of_the_weights(tmp_path: Path, espeak: Any) -> None:
    """Another region will do, another language or voice will not."""
    save_tiny_voice(tmp_path / "voice", "en-us", ("ann", "bob"))
    voice = load(tmp_path / "voice", espeak)
    voice.check_language("en-GB")
    assert [voice.speaker(name) for name in ("", "ann", "bob")] == [0, 0, 1]
    with pytest.raises(RefusedError, match="'es'; there are: en-US"):
        voice.check_language("es")
    with pytest.raises(RefusedError, match="'eve'; there are: ann bob"):
        voice.speaker("eve")


def test_the_first_voice_is_the_one_without_a_name(tmp_path: Path, espeak: Any) -> None:
    """Of a voice's many speakers, its weights may name a few."""
    save_tiny_voice(tmp_path / "voice", "en-us", ("ann", "bob"))
    assert load(tmp_path / "voice", espeak, voices="bob").speaker("") == 1


def test_letters_may_be_phonemes(tmp_path: Path) -> None:
    """Such a voice needs no eSpeak NG."""
    save_tiny_voice(tmp_path / "voice", "es")
    path = tmp_path / "voice" / "voice.onnx.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"phoneme_type": "text"}))
    voice = load(tmp_path / "voice", piper_espeak.EspeakPool(["/no/such/program"]))
    assert say(voice, "No").size == pytest.approx(3 * TINY_SYMBOL_SAMPLES + 2 * MARGIN, abs=10)


def test_without_espeak_the_model_is_away(tmp_path: Path) -> None:
    """It may be back later; a text that it fails on is another matter."""
    save_tiny_voice(tmp_path / "voice", "es")
    with pytest.raises(AwayError, match="does not start"):
        say(load(tmp_path / "voice", piper_espeak.EspeakPool(["/no/such/program"])), "hola")


def test_a_text_that_espeak_fails_on_is_an_error(tmp_path: Path, espeak: Any) -> None:
    """The message is eSpeak NG's."""
    save_tiny_voice(tmp_path / "voice", "tlh-x")
    with pytest.raises(RuntimeError, match="tlh-x"):
        say(load(tmp_path / "voice", espeak), "nuqneH")


def test_weights_that_contradict_the_voice_are_refused(tmp_path: Path, espeak: Any) -> None:
    """A wrong rate would be heard as a wrong pitch; a wrong speaker is no speaker; no network is no voice."""
    save_tiny_voice(tmp_path / "voice", "en-us", ("ann", "bob"))
    with pytest.raises(piper_config.VoiceError, match="22050 Hz"):
        load(tmp_path / "voice", espeak, sample_rate_hertz="16000")
    with pytest.raises(piper_config.VoiceError, match="no speaker eve"):
        load(tmp_path / "voice", espeak, voices="ann eve")
    (tmp_path / "voice" / "voice.onnx").unlink()
    with pytest.raises(piper_config.VoiceError, match="0 files"):
        load(tmp_path / "voice", espeak)


def test_a_voice_of_true_dimensions_speaks(tmp_path: Path, espeak: Any) -> None:
    """Of its random sound only the length and the loudness are sure; without noise it is a function of the text."""
    save_random_voice(tmp_path / "voice", "x_low")
    voice = load(tmp_path / "voice", espeak, noise_scale="0", noise_w="0")
    samples = say(voice, "We have three options for tomorrow.")
    assert 1.0 < samples.size / voice.config.sample_rate_hertz < 5.0
    assert np.abs(samples.astype(int)).max() == 32_767
    assert np.array_equal(samples, say(voice, "We have three options for tomorrow."))
