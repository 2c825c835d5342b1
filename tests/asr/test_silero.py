import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from asr.silero import CONTEXT_SAMPLES, MEMORY_FLOATS, Floats, Silero
from livetranslate.audio import decode_file

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model() -> Silero:
    return Silero.load()


@pytest.fixture(scope="module")
def frames() -> Floats:
    """Half a minute of speech, each frame after the end of the one before."""
    audio = np.concatenate(list(decode_file(ROOT / "demo" / "meeting.flac"))).astype(np.float32) / 32768
    whole = np.concatenate([np.zeros(CONTEXT_SAMPLES, np.float32), audio])
    return np.lib.stride_tricks.sliding_window_view(whole, CONTEXT_SAMPLES + 512)[::512].copy()


def published(frames: Floats) -> tuple[Floats, Floats]:
    """What the published model makes of one stream: the probabilities, and what it remembers at the end."""
    spec = importlib.util.find_spec("faster_whisper")
    assert spec is not None
    assert spec.origin is not None
    session = onnxruntime.InferenceSession(str(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"))
    nothing = np.zeros((1, 1, MEMORY_FLOATS // 2), np.float32)
    probabilities, hidden, cell = session.run(None, {"input": frames, "h": nothing, "c": nothing})
    return probabilities, np.concatenate([hidden.ravel(), cell.ravel()])


def heard(model: Silero, frames: Floats) -> tuple[Floats, Floats]:
    """The same of ours, frame by frame."""
    probabilities, memory = [], np.zeros((1, MEMORY_FLOATS), np.float32)
    for told in model.encode(frames)[:, None]:
        probability, memory = model.step(told, memory)
        probabilities += list(probability)
    return np.array(probabilities), memory[0]


def test_is_the_published_model(model: Silero, frames: Floats) -> None:
    """Over half a minute of speech, the probabilities and the memory are those of the published file."""
    expected, remembered = published(frames)
    probabilities, memory = heard(model, frames)
    assert np.mean(expected > 0.5) > 0.5
    np.testing.assert_allclose(probabilities, expected, atol=1e-4)
    np.testing.assert_allclose(memory, remembered, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("level", [0.0, 1.0, 30.0])
def test_loud_and_silent_frames(model: Silero, level: float) -> None:
    """Silence, clipping and what no microphone gives are answered as by the published file, with real numbers."""
    frames = np.random.default_rng(3).uniform(-level, level, (40, CONTEXT_SAMPLES + 512)).astype(np.float32)
    probabilities, memory = heard(model, frames)
    assert np.isfinite(memory).all()
    np.testing.assert_allclose(probabilities, published(frames)[0], atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 17, 50])
def test_rows_do_not_depend_on_each_other(model: Silero, frames: Floats, count: int) -> None:
    """A frame tells the very same in any company and at any place in it, and so does each stream's memory."""
    whole = model.encode(frames)
    memories = np.tanh(whole[:, :MEMORY_FLOATS])
    probabilities, after = model.step(whole, memories)
    chosen = np.random.default_rng(count).choice(len(frames), count)
    np.testing.assert_array_equal(model.encode(frames[chosen]), whole[chosen])
    some = model.step(whole[chosen], memories[chosen])
    np.testing.assert_array_equal(some[0], probabilities[chosen])
    np.testing.assert_array_equal(some[1], after[chosen])


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as Linux does")
def test_matrices_have_no_threads_of_their_own() -> None:
    """However many cores there are, a product of matrices keeps to the thread that asks for it."""
    program = "import asr.silero, os; print(len(os.listdir('/proc/self/task')))"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    count = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert count.stdout.strip() == "1"
