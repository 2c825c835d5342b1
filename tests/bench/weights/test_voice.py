import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bench.weights.voice import (
    SAMPLE_RATE_HERTZ,
    SYMBOL_IDS,
    SYMBOLS,
    TINY_SYMBOL_SAMPLES,
    save_random_voice,
    save_tiny_voice,
    tiny_hertz,
)
from livetranslate.tensors import Array
from livetranslate.weights import damage, read_weights


def speak(folder: Path, symbols: str, length_scale: float = 1.0, speaker: int | None = None) -> Array:
    """What the voice in a folder makes of symbols."""
    session = onnxruntime.InferenceSession(str(folder / f"{folder.name}.onnx"))
    inputs = {
        "input": np.array([[SYMBOL_IDS[symbol] for symbol in symbols]]),
        "input_lengths": np.array([len(symbols)]),
        "scales": np.array([0.667, length_scale, 0.8], np.float32),
    }
    if speaker is not None:
        inputs["sid"] = np.array([speaker])
    (sound,) = session.run(["output"], inputs)
    assert sound.shape[:3] == (1, 1, 1)
    return np.asarray(sound).ravel()


def test_symbols_are_where_piper_has_them() -> None:
    """There are 159, each once."""
    assert len(SYMBOLS) == len(SYMBOL_IDS) == 159
    assert [SYMBOL_IDS[symbol] for symbol in ("_", "^", "$", " ", "a", "\u02c8", "g")] == [0, 1, 2, 3, 14, 120, 154]


@pytest.mark.parametrize("symbol", ["a", "z", "\u02c8"])
def test_each_symbol_has_its_tone(tmp_path: Path, symbol: str) -> None:
    """It lasts as many samples as its length asks for."""
    save_tiny_voice(tmp_path / "voice", "es")
    sound = speak(tmp_path / "voice", symbol * 8, length_scale=2.0)
    assert sound.size == 8 * 2 * TINY_SYMBOL_SAMPLES
    strongest = np.abs(np.fft.rfft(sound)).argmax() * SAMPLE_RATE_HERTZ / sound.size
    assert strongest == pytest.approx(tiny_hertz(symbol), abs=3)


def test_marks_are_silent(tmp_path: Path) -> None:
    """So are padding, beginning and end."""
    save_tiny_voice(tmp_path / "voice", "es")
    assert not speak(tmp_path / "voice", "^_ .?$").any()


def test_speakers_are_octaves_apart(tmp_path: Path) -> None:
    """The second makes two waves where the first makes one."""
    save_tiny_voice(tmp_path / "voice", "en-us", ("ann", "bob"))
    ann, bob = (speak(tmp_path / "voice", "a", speaker=speaker) for speaker in (0, 1))
    assert np.allclose(bob[:256], ann[:512:2], atol=1e-3)


def test_the_weights_describe_themselves(tmp_path: Path) -> None:
    """Languages are BCP-47, one for each voice, and the files are whole."""
    save_tiny_voice(tmp_path / "voice", "en-us", ("ann", "bob"))
    weights = read_weights(tmp_path / "voice")
    assert weights.parameters == {"languages": "en-US en-US", "voices": "ann bob", "sample_rate_hertz": "22050"}
    assert weights.model_name == "tts_voice"
    assert damage(weights) is None


def test_a_random_voice_speaks_about_as_long_as_people_do(tmp_path: Path) -> None:
    """Three frames of 256 samples for each id, more where it is to be slow."""
    save_random_voice(tmp_path / "voice", "x_low")
    sound = speak(tmp_path / "voice", "_a" * 30)
    assert sound.size == pytest.approx(60 * 3 * 256, rel=0.3)
    assert 0.1 < float(sound.std()) < 1.0
    assert speak(tmp_path / "voice", "_a" * 30, length_scale=2.0).size > 1.5 * sound.size
    config = json.loads((tmp_path / "voice" / "voice.onnx.json").read_text())
    assert config["audio"] == {"sample_rate": 16_000, "quality": "x_low"}
