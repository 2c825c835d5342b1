import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openvino import Core, Model, PartialShape, Type
from openvino import opset13 as ops

from bench.weights.whisper_ir import save_tone_whisper_ir
from livetranslate.engine.log_mel import LogMel
from tests.model_repository.asr_whisper_openvino.tones import tones
from tests.model_repository.loading import load_sibling

ov_devices = load_sibling("asr_whisper_openvino", "ov_devices")
ov_network = load_sibling("asr_whisper_openvino", "ov_network")

CPU = ov_devices.Devices("CPU", "CPU")
HEADS = [(1, 0)]
TOKENS = np.array([[50_258, 50_259, 50_359, 50_363, 264]], np.int64)


@dataclass(frozen=True)
class OneByOne:
    """Devices of which one takes a window at a time, as an NPU does."""

    encoder: str = "CPU"
    decoder: str = "CPU"
    takes_batches: bool = False


def network(folder: Path, devices: Any = CPU, heads: Sequence[tuple[int, int]] = HEADS) -> Any:
    return ov_network.Network(folder, devices, threads=1, precision="f32", heads=heads)


def features(*windows: Sequence[int | None]) -> Any:
    return LogMel(80)([tones(numbers) for numbers in windows], 3_000)


def last_answer(network: Any, tokens: Any = TOKENS, pieces: Sequence[int] = ()) -> Any:
    """What it says after the last token, fed in pieces that end at these places."""
    for part in np.split(tokens, pieces, axis=1):
        answer = network.step(np.ascontiguousarray(part))
    return ov_network.Answer(np.array(answer.logits), np.array(answer.attention))


@pytest.fixture(scope="module")
def served(tone_weights: Path) -> Any:
    return network(tone_weights)


def test_it_tells_of_the_last_token_alone(served: Any) -> None:
    """However many it was fed."""
    served.hear(features([1], [2]))
    answer = last_answer(served, np.repeat(TOKENS, 2, axis=0))
    assert answer.logits.shape == (2, 51_865)
    assert answer.attention.shape == (2, 1, 1_500)


def test_a_window_is_answered_as_if_it_were_alone(served: Any) -> None:
    """Whatever stands beside it, to what a processor's kernels make of batches: with 8-bit keys it would be 0.02."""
    windows: list[list[int | None]] = [[1, 2], [3], [None], [4, 5, 6, 7]]
    served.hear(features(*windows))
    together = last_answer(served, np.repeat(TOKENS, len(windows), axis=0), [1, 4])
    for row, window in enumerate(windows):
        served.hear(features(window))
        alone = last_answer(served, TOKENS, [1, 4])
        np.testing.assert_allclose(alone.logits[0], together.logits[row], rtol=1e-4, atol=1e-3)
        np.testing.assert_allclose(alone.attention[0], together.attention[row], rtol=1e-4, atol=1e-3)


def test_tokens_may_be_fed_in_any_pieces(served: Any) -> None:
    """At once or one by one: what was fed before counts."""
    answers = []
    for pieces in ((), (1, 2, 3, 4), (3,)):
        served.hear(features([1, 2]))
        answers.append(last_answer(served, pieces=pieces).logits)
    np.testing.assert_allclose(answers[1], answers[0], atol=0.01)
    np.testing.assert_allclose(answers[2], answers[0], atol=0.01)


def test_it_can_begin_anew_with_what_it_heard(served: Any) -> None:
    """Tokens are forgotten, the audio is not."""
    served.hear(features([1, 2]))
    first = last_answer(served)
    served.begin_anew()
    again = last_answer(served)
    np.testing.assert_array_equal(again.logits, first.logits)


def test_an_older_export_is_told_positions(tone_weights: Path, served: Any, tmp_path: Path) -> None:
    """It answers as a newer one does, also after a new beginning."""
    save_tone_whisper_ir(tmp_path, is_old=True)
    old = network(tmp_path)
    served.hear(features([1, 2]))
    expected = last_answer(served, pieces=[2, 3])
    old.hear(features([1, 2]))
    np.testing.assert_array_equal(last_answer(old, pieces=[2, 3]).logits, expected.logits)
    old.begin_anew()
    np.testing.assert_array_equal(last_answer(old, pieces=[2, 3]).logits, expected.logits)


def test_a_device_that_takes_one_window_gets_one_after_the_other(tone_weights: Path, served: Any) -> None:
    """The decoder has them together all the same."""
    windows = features([1, 2], [3])
    one_by_one = network(tone_weights, OneByOne())
    one_by_one.hear(windows)
    served.hear(windows)
    tokens = np.repeat(TOKENS, 2, axis=0)
    np.testing.assert_allclose(last_answer(one_by_one, tokens).logits, last_answer(served, tokens).logits, atol=1e-3)


def test_heads_that_are_not_there_tell_nothing(tone_weights: Path) -> None:
    """A decoder without the layer, or whose layers have other names, answers without them."""
    silent = network(tone_weights, heads=[(1, 0), (9, 0)])
    assert not silent.tells_attention
    silent.hear(features([1]))
    assert last_answer(silent).attention.shape == (1, 0, 0)


@pytest.mark.parametrize("scale", [None, 1.0])
def test_what_is_told_is_what_attention_is_made_of(scale: float | None) -> None:
    """Queries by keys, scaled as the graph says: the softmax of it, by the values, is the attention."""
    shape = [1, 2, 3, 4]
    queries, keys, values = (ops.parameter(PartialShape(shape), Type.f32) for _ in range(3))
    rest = [ops.constant(np.zeros((3, 3), np.float32)), ops.constant(np.float32(scale))] if scale else []
    attended = ops.scaled_dot_product_attention(queries, keys, values, *rest)
    attended.set_friendly_name("__module.model.decoder.layers.7.encoder_attn/aten::scaled_dot_product_attention/x")
    model = Model([ops.result(attended)], [queries, keys, values], "attention")
    assert ov_network._tell_attention(model, [(7, 1)]) == ["attention.7"]
    tensors = np.random.default_rng(0).standard_normal((3, *shape)).astype(np.float32)
    outputs = Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(list(tensors))
    shares = np.exp(outputs["attention.7"])
    shares /= shares.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(shares[0, 0, 0] @ tensors[2][0, 1], outputs[0][0, 1, -1], atol=1e-5)


def test_a_gpu_keeps_what_it_compiled(tmp_path: Path) -> None:
    """Beside the weights, where that is allowed: compiling takes minutes."""
    assert ov_network._options("GPU", tmp_path, 2)["CACHE_DIR"] == str(tmp_path / ".openvino_cache")
    assert "CACHE_DIR" not in ov_network._options("GPU", tmp_path / "missing", 2)
    assert ov_network._options("CPU", tmp_path, 2)["INFERENCE_NUM_THREADS"] == 2
    assert not re.search("CACHE", str(ov_network._options("CPU", tmp_path, 2)))
