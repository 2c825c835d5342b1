"""The decoder state of an OpenVINO model, named and shaped as optimum-intel leaves it.

What is made of tokens grows with each step and is reordered by `beam_idx`; what is made of the encoder's output is
computed after a reset and then kept.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from openvino import Model, PartialShape, Type
from openvino import opset13 as ops


@dataclass(slots=True)
class DecoderState:
    """The inputs of a decoder, and the variables that it keeps.

    Attributes:
        input_ids: INT64 [windows, tokens].
        heard: `encoder_hidden_states`, FP32 [windows, frames, size].
        beam_idx: INT32 [windows].
        cache_position: INT64 [tokens], in older exports alone: the tokens' positions.
        sinks: What writes the variables.
    """

    input_ids: Any
    heard: Any
    beam_idx: Any
    cache_position: Any = None
    sinks: list[Any] = field(default_factory=list)

    def before(self, layer: int, kind: str, heads: int, size: int) -> Any:
        """The values [windows, heads, tokens, size] of the tokens before the new ones."""
        shape = ops.concat([self.windows(), ops.constant(np.array([heads, 0, size]))], 0)
        empty = ops.broadcast(ops.constant(np.float32(0)), shape)
        kept = ops.read_value(empty, _variable(layer, kind), Type.f32, PartialShape([-1, heads, -1, size]))
        return ops.gather(kept, self.beam_idx, ops.constant(0))

    def extended(self, layer: int, kind: str, before: Any, new: Any) -> Any:
        """The values of all tokens, which are kept."""
        together = ops.concat([before, new], 2)
        self.sinks.append(ops.assign(together, _variable(layer, kind)))
        return together

    def of_audio(self, layer: int, kind: str, value: Any) -> Any:
        """What was made of the encoder's output once."""
        name = f"present.{layer}.encoder.{kind}"
        kept = ops.read_value(value, name, Type.f32, value.get_output_partial_shape(0))
        self.sinks.append(ops.assign(kept, name))
        return kept

    def windows(self) -> Any:
        """How many there are: INT64 [1]."""
        return ops.gather(ops.shape_of(self.input_ids), ops.constant([0]), ops.constant(0))

    def model(self, logits: Any) -> Model:
        """The decoder that answers with FP32 [windows, tokens, vocabulary]."""
        result = ops.result(logits)
        result.output(0).tensor.set_names({"logits"})
        inputs = [self.input_ids, self.heard, self.beam_idx, self.cache_position]
        return Model([result], self.sinks, [node for node in inputs if node], "decoder")


def _variable(layer: int, kind: str) -> str:
    return f"past_key_values.{layer}.decoder.{kind}present.{layer}.decoder.{kind}"


def decoder_state(frames: int, size: int, *, is_old: bool) -> DecoderState:
    """A decoder's inputs."""
    return DecoderState(
        parameter("input_ids", Type.i64, [-1, -1]),
        parameter("encoder_hidden_states", Type.f32, [-1, frames, size]),
        parameter("beam_idx", Type.i32, [-1]),
        parameter("cache_position", Type.i64, [-1]) if is_old else None,
    )


def encoder_model(features: Any, hidden: Any) -> Model:
    """The encoder from features to hidden states."""
    result = ops.result(hidden)
    result.output(0).tensor.set_names({"last_hidden_state"})
    return Model([result], [features], "encoder")


def parameter(name: str, kind: Type, shape: list[int]) -> Any:
    """An input."""
    node = ops.parameter(PartialShape(shape), kind)
    node.set_friendly_name(name)
    node.output(0).tensor.set_names({name})
    return node
