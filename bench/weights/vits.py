"""A VITS generator (Kim et al., 2021) of Piper's dimensions as an ONNX graph, with random weights.

It has what takes the time and the memory: text encoder, duration predictor, flow and HiFi-GAN decoder. Two parts that
take next to none of either are simpler than in Piper: attention knows no relative positions, and durations come from
VITS's deterministic predictor, arranged to give each id about three frames, as in speech.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES_AN_ID: Final = 2.5  # rounded up to three: 14 phonemes a second, each with its padding, of 86 frames
SEED: Final = 1
DECODER_GAIN: Final = 3.0  # keeps random weights about as loud as speech


@dataclass(frozen=True, kw_only=True)
class VitsDimensions:
    """The sizes that Piper gives a quality."""

    sample_rate_hertz: int
    hidden: int = 192
    filter: int = 768
    layers: int = 6
    heads: int = 2
    duration_filter: int = 256
    flows: int = 4
    flow_layers: int = 4
    decoder: int = 256
    upsample_rates: tuple[int, ...] = (8, 8, 4)
    upsample_kernels: tuple[int, ...] = (16, 16, 8)
    block_kernels: tuple[int, ...] = (3, 5, 7)
    block_dilations: tuple[tuple[int, ...], ...] = ((1, 2), (2, 6), (3, 12))
    is_double_block: bool = False  # HiFi-GAN's residual block 1: each convolution is followed by one more


QUALITIES: Final = {
    "x_low": VitsDimensions(sample_rate_hertz=16_000, hidden=96, filter=384),
    "low": VitsDimensions(sample_rate_hertz=16_000),
    "medium": VitsDimensions(sample_rate_hertz=22_050),
    "high": VitsDimensions(
        sample_rate_hertz=22_050,
        decoder=512,
        upsample_rates=(8, 8, 2, 2),
        upsample_kernels=(16, 16, 4, 4),
        block_kernels=(3, 7, 11),
        block_dilations=((1, 3, 5),) * 3,
        is_double_block=True,
    ),
}


def build_vits(dimensions: VitsDimensions, symbol_count: int) -> onnx.ModelProto:
    """The graph, with the inputs and outputs of Piper's export; a batch is of one."""
    graph = _Graph()
    hidden, mean, log_scale = _encode_text(graph, dimensions, symbol_count)
    path = _spread(graph, _predict_frames(graph, dimensions, hidden))
    noise_scale = graph.op("Gather", "scales", graph.constant(0))
    noise = graph.op("RandomNormalLike", graph.op("MatMul", mean, path))
    spread = graph.op("Mul", graph.op("Exp", graph.op("MatMul", log_scale, path)), noise_scale)
    latent = graph.op("Add", graph.op("MatMul", mean, path), graph.op("Mul", noise, spread))
    for _ in range(dimensions.flows):
        latent = _couple(graph, dimensions, _flip(graph, latent, dimensions.hidden))
    sound = _decode(graph, dimensions, latent)
    graph.op("Unsqueeze", sound, graph.constant([1]), output="output")
    return graph.model()


class _Graph:
    """Nodes and weights as they are added; each name is a tensor's."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)
        self.nodes: list[onnx.NodeProto] = []
        self.tables: list[onnx.TensorProto] = []

    def op(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: object, kind: type = np.int64) -> str:
        name = f"w{len(self.tables)}"
        self.tables.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def weight(self, *shape: int, fan_in: int, gain: float = 1.0) -> str:
        values = self.random.standard_normal(shape, np.float32) * np.float32(gain / math.sqrt(fan_in))
        return self.constant(values, np.float32)

    def convolve(self, x: str, taken: int, given: int, kernel: int = 1, *, dilation: int = 1, gain: float = 1.0) -> str:
        """A convolution that keeps the length."""
        weight = self.weight(given, taken, kernel, fan_in=taken * kernel, gain=gain)
        pad = (kernel - 1) * dilation // 2
        bias = self.constant(np.zeros(given), np.float32)
        return self.op("Conv", x, weight, bias, kernel_shape=[kernel], dilations=[dilation], pads=[pad, pad])

    def split(self, x: str, sizes: Sequence[int], axis: int = 1) -> list[str]:
        names = [f"t{len(self.nodes)}_{part}" for part in range(len(sizes))]
        self.nodes.append(helper.make_node("Split", [x, self.constant(list(sizes))], names, axis=axis))
        return names

    def normalize(self, x: str, width: int) -> str:
        """Layer normalization over the channels."""
        ones, zeros = (self.constant(np.full(width, value), np.float32) for value in (1, 0))
        rows = self.op("LayerNormalization", self.op("Transpose", x, perm=[0, 2, 1]), ones, zeros)
        return self.op("Transpose", rows, perm=[0, 2, 1])

    def model(self) -> onnx.ModelProto:
        inputs = [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ]
        output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
        graph = helper.make_graph(self.nodes, "vits", inputs, [output], self.tables)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _encode_text(graph: _Graph, dimensions: VitsDimensions, symbol_count: int) -> tuple[str, str, str]:
    """Hidden states, and mean and logarithm of the scale of each id's latent: [1, channels, ids]."""
    width = dimensions.hidden
    table = graph.weight(symbol_count, width, fan_in=1)
    x = graph.op("Transpose", graph.op("Gather", table, "input"), perm=[0, 2, 1])
    for _ in range(dimensions.layers):
        x = graph.normalize(graph.op("Add", x, _attend(graph, dimensions, x)), width)
        inner = graph.op("Relu", graph.convolve(x, width, dimensions.filter, 3))
        x = graph.normalize(graph.op("Add", x, graph.convolve(inner, dimensions.filter, width, 3)), width)
    mean, log_scale = graph.split(graph.convolve(x, width, 2 * width, gain=0.5), [width, width])
    return x, mean, log_scale


def _attend(graph: _Graph, dimensions: VitsDimensions, x: str) -> str:
    """Self-attention of a few heads."""
    width, heads = dimensions.hidden, dimensions.heads
    by_head = graph.constant([1, heads, width // heads, -1])
    query, key, value = (graph.op("Reshape", graph.convolve(x, width, width), by_head) for _ in range(3))
    scores = graph.op("MatMul", graph.op("Transpose", query, perm=[0, 1, 3, 2]), key)
    scaled = graph.op("Mul", scores, graph.constant((width // heads) ** -0.5, np.float32))
    mixed = graph.op("MatMul", value, graph.op("Transpose", graph.op("Softmax", scaled, axis=-1), perm=[0, 1, 3, 2]))
    return graph.convolve(graph.op("Reshape", mixed, graph.constant([1, width, -1])), width, width)


def _predict_frames(graph: _Graph, dimensions: VitsDimensions, hidden: str) -> str:
    """How many frames each id gets: [1, 1, ids]."""
    width = dimensions.duration_filter
    x = graph.normalize(graph.op("Relu", graph.convolve(hidden, dimensions.hidden, width, 3)), width)
    x = graph.normalize(graph.op("Relu", graph.convolve(x, width, width, 3)), width)
    log_frames = graph.op(
        "Add",
        graph.convolve(x, width, 1, gain=0.1),
        graph.constant(math.log(FRAMES_AN_ID), np.float32),
    )
    length_scale = graph.op("Gather", "scales", graph.constant(1))
    return graph.op("Ceil", graph.op("Mul", graph.op("Exp", log_frames), length_scale))


def _spread(graph: _Graph, frames: str) -> str:
    """The path that gives each id its frames: [1, ids, frames], one where a frame is the id's."""
    ends = graph.op("CumSum", frames, graph.constant(2))
    total = graph.op("Cast", graph.op("ReduceSum", frames, keepdims=0), to=TensorProto.INT64)
    clock = graph.op("Range", graph.constant(0), total, graph.constant(1))
    time = graph.op("Cast", clock, to=TensorProto.FLOAT)
    ends_by_row = graph.op("Transpose", ends, perm=[0, 2, 1])
    starts_by_row = graph.op("Sub", ends_by_row, graph.op("Transpose", frames, perm=[0, 2, 1]))
    is_before_end = graph.op("Less", time, ends_by_row)
    is_after_start = graph.op("GreaterOrEqual", time, starts_by_row)
    return graph.op("Cast", graph.op("And", is_before_end, is_after_start), to=TensorProto.FLOAT)


def _flip(graph: _Graph, x: str, width: int) -> str:
    """The channels in reverse order, between couplings."""
    return graph.op("Gather", x, graph.constant(np.arange(width)[::-1].copy()), axis=1)


def _couple(graph: _Graph, dimensions: VitsDimensions, x: str) -> str:
    """A coupling: one half of the channels is moved by what a WaveNet makes of the other."""
    width, half = dimensions.hidden, dimensions.hidden // 2
    kept, moved = graph.split(x, [half, half])
    inner = graph.convolve(kept, half, width)
    skipped = ""
    for layer in range(dimensions.flow_layers):
        gate, rate = graph.split(graph.convolve(inner, width, 2 * width, 5), [width, width])
        active = graph.op("Mul", graph.op("Tanh", gate), graph.op("Sigmoid", rate))
        if layer + 1 < dimensions.flow_layers:
            residual, skip = graph.split(graph.convolve(active, width, 2 * width), [width, width])
            inner = graph.op("Add", inner, residual)
        else:
            skip = graph.convolve(active, width, width)
        skipped = graph.op("Add", skipped, skip) if skipped else skip
    return graph.op("Concat", kept, graph.op("Sub", moved, graph.convolve(skipped, width, half)), axis=1)


def _decode(graph: _Graph, dimensions: VitsDimensions, latent: str) -> str:
    """HiFi-GAN (Kong et al., 2020): [1, 1, samples] between -1 and 1."""
    width = dimensions.decoder
    x = graph.convolve(latent, dimensions.hidden, width, 7)
    for rate, kernel in zip(dimensions.upsample_rates, dimensions.upsample_kernels, strict=True):
        x = graph.op("LeakyRelu", x, alpha=0.1)
        pad = (kernel - rate) // 2
        weight = graph.weight(width, width // 2, kernel, fan_in=width * kernel // rate)
        x = graph.op("ConvTranspose", x, weight, kernel_shape=[kernel], strides=[rate], pads=[pad, pad])
        width //= 2
        blocks = zip(dimensions.block_kernels, dimensions.block_dilations, strict=True)
        parts = [
            _block(graph, x, width, size, dilations, is_double=dimensions.is_double_block) for size, dilations in blocks
        ]
        x = graph.op("Mul", graph.op("Sum", *parts), graph.constant(1 / len(parts), np.float32))
    x = graph.op("LeakyRelu", x, alpha=0.01)
    return graph.op("Tanh", graph.convolve(x, width, 1, 7, gain=DECODER_GAIN))


def _block(graph: _Graph, x: str, width: int, kernel: int, dilations: Sequence[int], *, is_double: bool) -> str:
    """A residual block of dilated convolutions."""
    for dilation in dilations:
        y = graph.convolve(graph.op("LeakyRelu", x, alpha=0.1), width, width, kernel, dilation=dilation, gain=0.5)
        if is_double:
            y = graph.convolve(graph.op("LeakyRelu", y, alpha=0.1), width, width, kernel, gain=0.5)
        x = graph.op("Add", x, y)
    return x
