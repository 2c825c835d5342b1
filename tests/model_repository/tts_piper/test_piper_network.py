from pathlib import Path

import numpy as np
import onnxruntime

from bench.weights.voice import TINY_SYMBOL_SAMPLES, save_tiny_voice
from livetranslate.engine.placement import Placement
from tests.model_repository.loading import load_sibling

piper_network = load_sibling("tts_piper", "piper_network")

PROCESSOR = Placement({}, "cpu", 0, 1)
GPU = Placement({}, "cuda", 1, 1)
CUDA, OPENVINO, CPU = piper_network.CUDA, piper_network.OPENVINO, piper_network.CPU


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


def test_a_gpu_is_used_where_one_is_given() -> None:
    """The right one, and the processor for what it cannot do."""
    (name, options), rest = piper_network.choose_providers(GPU, [CUDA, CPU])
    assert (name, options["device_id"], rest) == (CUDA, 1, CPU)


def test_a_processor_is_used_through_openvino_where_that_is_installed() -> None:
    """Else by ONNX Runtime itself, also where it could use a GPU that is not given."""
    assert piper_network.choose_providers(PROCESSOR, [OPENVINO, CPU]) == [(OPENVINO, {"device_type": "CPU"}), CPU]
    assert piper_network.choose_providers(PROCESSOR, [CUDA, CPU]) == [CPU]


def test_a_gpu_that_is_not_used_is_told() -> None:
    """The voice goes on with the processor, and says what to install."""
    assert piper_network.choose_providers(GPU, [CPU]) == [CPU]
    assert "knows no GPU" in piper_network.missed_device(GPU, [CPU], [CPU])
    assert "cannot load CUDA" in piper_network.missed_device(GPU, [CUDA, CPU], [CPU])
    assert piper_network.missed_device(GPU, [CUDA, CPU], [CUDA, CPU]) is None
    assert piper_network.missed_device(PROCESSOR, [CUDA, CPU], [CPU]) is None


def test_a_voice_on_a_gpu_speaks_in_any_case(tmp_path: Path) -> None:
    """Where this ONNX Runtime has no GPU, its problem is known."""
    save_tiny_voice(tmp_path / "voice", "es")
    network = piper_network.PiperNetwork(tmp_path / "voice" / "voice.onnx", Placement({}, "cuda", 0, 1))
    assert network.speak([14], (0.0, 1.0, 0.0), 0).size == TINY_SYMBOL_SAMPLES
    assert (network.problem is None) == (CUDA in onnxruntime.get_available_providers())
