"""Whisper's architecture (Radford et al., 2022) as OpenVINO graphs, from its tensors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from openvino import Model, Type
from openvino import opset13 as ops

from bench.weights.ir_state import DecoderState, decoder_state, encoder_model, parameter
from bench.weights.whisper_tensors import AUDIO_POSITIONS, Tensors, WhisperDims

_KINDS: Final = ("key", "value")
_CONVOLUTION_STRIDE: Final = 2  # of the second one
_EPSILON: Final = 1e-5


@dataclass(frozen=True, slots=True)
class WhisperGraph:
    """The two graphs of one network.

    Attributes:
        dims: Its size.
        tensors: Its weights.
        is_old: Whether the decoder has to be told positions, as in exports before 2025.
    """

    dims: WhisperDims
    tensors: Tensors
    is_old: bool = False

    def encoder(self) -> Model:
        """Features to hidden states."""
        features = parameter("input_features", Type.f32, [-1, self.dims.mels, AUDIO_POSITIONS * _CONVOLUTION_STRIDE])
        hidden = self._convolution("encoder.conv1", features, 1)
        hidden = self._convolution("encoder.conv2", hidden, _CONVOLUTION_STRIDE)
        hidden = ops.transpose(hidden, ops.constant([0, 2, 1]))
        hidden = ops.add(hidden, self._tensor("encoder.embed_positions.weight", None))
        for layer in range(self.dims.encoder_layers):
            name = f"encoder.layers.{layer}"
            normal = self._normalized(f"{name}.self_attn_layer_norm", hidden)
            known = self._keys_and_values(f"{name}.self_attn", normal)
            hidden = ops.add(hidden, self._attention(f"{name}.self_attn", normal, known))
            hidden = ops.add(hidden, self._fed_forward(name, hidden))
        return encoder_model(features, self._normalized("encoder.layer_norm", hidden))

    def decoder(self) -> Model:
        """Tokens and hidden states to logits."""
        state = decoder_state(AUDIO_POSITIONS, self.dims.width, is_old=self.is_old)
        past = [[self._before(state, layer, kind) for kind in _KINDS] for layer in range(self.dims.decoder_layers)]
        positions, later = _positions_and_mask(state, past[0][0])
        tokens = ops.gather(self._tensor("decoder.embed_tokens.weight"), state.input_ids, ops.constant(0))
        placed = ops.gather(self._tensor("decoder.embed_positions.weight"), positions, ops.constant(0))
        hidden = ops.add(tokens, placed)
        for layer, before in enumerate(past):
            name = f"decoder.layers.{layer}"
            normal = self._normalized(f"{name}.self_attn_layer_norm", hidden)
            new = self._keys_and_values(f"{name}.self_attn", normal)
            said = [state.extended(layer, *values) for values in zip(_KINDS, before, new, strict=True)]
            hidden = ops.add(hidden, self._attention(f"{name}.self_attn", normal, said, later))
            normal = self._normalized(f"{name}.encoder_attn_layer_norm", hidden)
            made = self._keys_and_values(f"{name}.encoder_attn", state.heard)
            heard = [state.of_audio(layer, *values) for values in zip(_KINDS, made, strict=True)]
            hidden = ops.add(hidden, self._attention(f"{name}.encoder_attn", normal, heard))
            hidden = ops.add(hidden, self._fed_forward(name, hidden))
        return state.model(_product(self._normalized("decoder.layer_norm", hidden), self._tensor("proj_out.weight")))

    def _before(self, state: DecoderState, layer: int, kind: str) -> Any:
        return state.before(layer, kind, self.dims.heads, self.dims.width // self.dims.heads)

    def _keys_and_values(self, name: str, hidden: Any) -> tuple[Any, Any]:
        return self._heads(f"{name}.k_proj", hidden), self._heads(f"{name}.v_proj", hidden)

    def _attention(self, name: str, hidden: Any, known: Sequence[Any], mask: Any = None) -> Any:
        """What is found at `known`, keys and values."""
        queries = self._heads(f"{name}.q_proj", hidden)
        attended = ops.scaled_dot_product_attention(queries, known[0], known[1], mask)
        attended.set_friendly_name(
            f"__module.model.model.{name}/aten::scaled_dot_product_attention/ScaledDotProductAttention"
        )
        joined = ops.transpose(attended, ops.constant([0, 2, 1, 3]))
        shape = ops.constant([0, 0, self.dims.width])
        return self._linear(f"{name}.out_proj", ops.reshape(joined, shape, special_zero=True))

    def _heads(self, name: str, hidden: Any) -> Any:
        """A projection, parted: [windows, heads, positions, width of a head]."""
        shape = ops.constant([0, 0, self.dims.heads, self.dims.width // self.dims.heads])
        parted = ops.reshape(self._linear(name, hidden), shape, special_zero=True)
        return ops.transpose(parted, ops.constant([0, 2, 1, 3]))

    def _fed_forward(self, name: str, hidden: Any) -> Any:
        normal = self._normalized(f"{name}.final_layer_norm", hidden)
        return self._linear(f"{name}.fc2", ops.gelu(self._linear(f"{name}.fc1", normal), "erf"))

    def _linear(self, name: str, hidden: Any) -> Any:
        product = _product(hidden, self._tensor(f"{name}.weight"))
        bias = f"{name}.bias"
        return ops.add(product, self._tensor(bias, None, None)) if bias in self.tensors else product

    def _normalized(self, name: str, hidden: Any) -> Any:
        axis = ops.constant([-1])
        normal = ops.mvn(hidden, axis, normalize_variance=True, eps=_EPSILON, eps_mode="inside_sqrt")
        scaled = ops.multiply(normal, self._tensor(f"{name}.weight", None, None))
        return ops.add(scaled, self._tensor(f"{name}.bias", None, None))

    def _convolution(self, name: str, hidden: Any, stride: int) -> Any:
        out = ops.convolution(hidden, self._tensor(f"{name}.weight"), [stride], [1], [1], [1])
        bias = ops.unsqueeze(self._tensor(f"{name}.bias", None), ops.constant([2]))
        return ops.gelu(ops.add(out, bias), "erf")

    def _tensor(self, name: str, *front: None) -> Any:
        """A tensor, with as many dimensions of one in front."""
        return ops.constant(self.tensors[name].astype(np.float32)[front])


def _product(hidden: Any, weight: Any) -> Any:
    return ops.matmul(hidden, weight, transpose_a=False, transpose_b=True)


def _positions_and_mask(state: DecoderState, before: Any) -> tuple[Any, Any]:
    """The new tokens' positions [tokens], and what keeps each from later ones [1, 1, tokens, all tokens]."""
    first = ops.gather(ops.shape_of(before), ops.constant(2), ops.constant(0))
    count = ops.gather(ops.shape_of(state.input_ids), ops.constant(1), ops.constant(0))
    end, one = ops.add(first, count), ops.constant(np.int64(1))
    positions = state.cache_position or ops.range(first, end, one, Type.i64)
    everything = ops.range(ops.constant(np.int64(0)), end, one, Type.i64)
    is_known = ops.less_equal(everything, ops.unsqueeze(positions, ops.constant(1)))
    mask = ops.select(is_known, ops.constant(np.float32(0)), ops.constant(np.float32(-65_504)))
    return positions, ops.unsqueeze(mask, ops.constant([0, 1]))
