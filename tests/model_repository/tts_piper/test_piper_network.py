from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bench.weights.voice import TINY_SYMBOL_SAMPLES, save_tiny_voice
from livetranslate.engine.onnx_session import DeviceError
from livetranslate.engine.placement import Placement
from tests.model_repository.loading import load_sibling

piper_network = load_sibling("tts_piper", "piper_network")

PROCESSOR = Placement({}, "cpu", 0, 1)


def test_a_sentence_is_as_long_as_its_ids(tmp_path: Path) -> None:
    """The length scale stretches all of them."""
    save_tiny_voice(tmp_path / "voice", "es")
    network = piper_network.PiperNetwork(tmp_path / "voice" / "voice.onnx", PROCESSOR)
    assert network.speak([1, 0, 14, 0, 2], (0.667, 1.0, 0.8), 0).shape == (5 * TINY_SYMBOL_SAMPLES,)
    assert network.speak([1, 0, 14, 0, 2], (0.667, 0.5, 0.8), 0).shape == (5 * TINY_SYMBOL_SAMPLES // 2,)


def test_speakers_sound_different(tmp_path: Path) -> None:
    """The number of the speaker reaches a network that has several."""
    save_tiny_voice(tmp_path / "voice", "es", ("ann", "bob"))
    network = piper_network.PiperNetwork(tmp_path / "voice" / "voice.onnx", PROCESSOR)
    ann, bob = (network.speak([14], (0.0, 1.0, 0.0), speaker) for speaker in (0, 1))
    assert not np.array_equal(ann, bob)
    assert np.allclose(bob[: len(bob) // 2], ann[::2], atol=1e-3)


def test_a_gpu_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Nothing runs on the processor by mistake."""
    save_tiny_voice(tmp_path / "voice", "es")
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime knows GPUs")
    with pytest.raises(DeviceError, match="onnxruntime-gpu"):
        piper_network.PiperNetwork(tmp_path / "voice" / "voice.onnx", Placement({}, "cuda", 0, 1))
