"""A Whisper as optimum-intel exports it to OpenVINO: an encoder, and a decoder that keeps its state to itself.

    openvino_encoder_model.xml   input_features [windows, bands, 3000] -> last_hidden_state [windows, 1500, size]
    openvino_decoder_model.xml   input_ids [windows, tokens], encoder_hidden_states, beam_idx [windows],
                                 older ones cache_position [tokens] -> logits [windows, tokens, vocabulary]

The decoder's state is what it made of the tokens (variables named after `past_key_values.N.decoder`) and of the
encoder's output (the other ones), which it looks at only after a reset.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from openvino import Core, Model, Node, Tensor
from openvino import opset13 as ops
from ov_devices import Devices
from ov_greedy import Answer

_ENCODER, _DECODER = "openvino_encoder_model.xml", "openvino_decoder_model.xml"
_FEATURES = "input_features"
_OF_TOKENS = ".decoder."
_CACHE = ".openvino_cache"
_HEARING = re.compile(r"\.layers\.(\d+)\.encoder_attn\b")
_INPUTS_WITH_SCALE = 5
_END = np.iinfo(np.int64).max
# Decoding on a processor is exact, so that a window's words do not depend on those it is decoded with. In bf16, which
# OpenVINO prefers where it can, its windows after the first come out wrong (2026.4); a cache of 8-bit keys and values,
# its default, makes it count which tokens were fed together. The encoder, where the time goes, has neither problem.
_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


class Network:
    """The network on its devices. One batch at a time."""

    def __init__(
        self, folder: Path, devices: Devices, threads: int, precision: str, heads: Sequence[tuple[int, int]]
    ) -> None:
        """Compile it; for a GPU or NPU that takes a while, once.

        Args:
            folder: Where the exported files are.
            devices: What to run it on.
            threads: How many processor cores to use.
            precision: Of the encoder, e.g. `f32`; empty for what its device prefers.
            heads: The layers and heads of the decoder whose attention to the audio is to be told.
        """
        core = Core()
        encoder, decoder = core.read_model(folder / _ENCODER), core.read_model(folder / _DECODER)
        self.bands, self.frames = (encoder.input(_FEATURES).get_partial_shape()[axis].get_length() for axis in (1, 2))
        self._takes_batches = devices.takes_batches
        if not self._takes_batches:
            encoder.reshape({_FEATURES: [1, self.bands, self.frames]})
        _keep_last_logits(decoder)
        self._attention = _tell_attention(decoder, heads)
        self._takes_positions = any("cache_position" in port.get_names() for port in decoder.inputs)
        wish = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
        options = {**_options(devices.encoder, folder, threads), **wish}
        self._encoder = core.compile_model(encoder, devices.encoder, options).create_infer_request()
        exact = _EXACT if devices.decoder == "CPU" else {}
        options = {**_options(devices.decoder, folder, threads), **exact}
        self._decoder = core.compile_model(decoder, devices.decoder, options).create_infer_request()
        self._fed = 0

    @property
    def tells_attention(self) -> bool:
        """Whether it can tell where the heads look."""
        return bool(self._attention)

    def hear(self, features: Any) -> None:
        """Begin with the windows whose features are FP32 [windows, bands, frames]."""
        parts = [features] if self._takes_batches else np.split(features, len(features))
        heard = np.concatenate([self._encode(part) for part in parts])
        self._decoder.reset_state()
        self._decoder.set_tensor("encoder_hidden_states", Tensor(heard))
        self._decoder.set_tensor("beam_idx", Tensor(np.arange(len(heard), dtype=np.int32)))
        self._fed = 0

    def begin_anew(self) -> None:
        """Forget all tokens; what was heard stays."""
        for state in self._decoder.query_state():
            if _OF_TOKENS in state.name:
                state.reset()
        self._fed = 0

    def step(self, tokens: Any) -> Answer:
        """Feed INT64 [windows, tokens]."""
        fed = self._fed + tokens.shape[1]
        self._decoder.set_tensor("input_ids", Tensor(tokens))
        if self._takes_positions:
            self._decoder.set_tensor("cache_position", Tensor(np.arange(self._fed, fed)))
        self._decoder.infer()
        self._fed = fed
        attention = [self._decoder.get_tensor(name).data[:, :, -1] for name in self._attention]
        nothing = np.zeros((len(tokens), 0, 0), np.float32)
        return Answer(
            self._decoder.get_tensor("logits").data[:, -1], np.concatenate(attention, axis=1) if attention else nothing
        )

    def _encode(self, features: Any) -> Any:
        self._encoder.set_tensor(_FEATURES, Tensor(features))
        self._encoder.infer()
        return np.array(self._encoder.get_output_tensor(0).data)


def _keep_last_logits(decoder: Model) -> None:
    """Compute the logits of the last token alone: those of a whole prompt would take some 40 MB a window."""
    product = decoder.output("logits").get_node().input_value(0).get_node()
    if product.get_type_name() == "MatMul":
        start, end, one = (ops.constant(np.array([number])) for number in (-1, _END, 1))
        last = ops.slice(product.input_value(0), start, end, one, one)
        product.input(0).replace_source_output(last.output(0))
        decoder.validate_nodes_and_infer_types()


def _tell_attention(decoder: Model, heads: Sequence[tuple[int, int]]) -> list[str]:
    """Add outputs [windows, heads, 1, frames] with what the last token's attention to the audio is made of.

    Returns:
        Their names, one for each layer; none where the decoder's attention is not to be found.
    """
    attentions = (node for node in decoder.get_ops() if node.get_type_name() == "ScaledDotProductAttention")
    found = {int(name[1]): node for node in attentions if (name := _HEARING.search(node.get_friendly_name()))}
    layers = sorted({layer for layer, _ in heads})
    if not set(layers) <= set(found):
        return []
    for layer in layers:
        scores = _scores(found[layer], [head for of, head in heads if of == layer])
        result = ops.result(scores)
        result.output(0).tensor.set_names({f"attention.{layer}"})
        decoder.add_results([result])
    decoder.validate_nodes_and_infer_types()
    return [f"attention.{layer}" for layer in layers]


def _scores(attention: Node, heads: Sequence[int]) -> Node:
    """Queries by keys of some heads, as `ScaledDotProductAttention` computes them."""
    queries, keys = (ops.gather(attention.input_value(port), ops.constant(heads), ops.constant(1)) for port in (0, 1))
    start, end, one, axis = (ops.constant(np.array([number])) for number in (-1, _END, 1, 2))
    scores = ops.matmul(ops.slice(queries, start, end, one, axis), keys, transpose_a=False, transpose_b=True)
    if attention.get_input_size() == _INPUTS_WITH_SCALE:
        return ops.multiply(scores, attention.input_value(_INPUTS_WITH_SCALE - 1))
    width = attention.input_value(0).get_partial_shape()[3].get_length()
    return ops.multiply(scores, ops.constant(np.float32(width**-0.5)))


def _options(device: str, folder: Path, threads: int) -> dict[str, Any]:
    if device == "CPU":
        return {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads}
    cache = {"CACHE_DIR": str(folder / _CACHE)} if os.access(folder, os.W_OK) else {}  # else compiled at each start
    return {"PERFORMANCE_HINT": "LATENCY", **cache}
