"""The network of Silero VAD v6, which comes inside the faster-whisper package (MIT), for many streams at once.

The published file takes one stream: its first axis is time. Here are the same layers with the same weights, as products
of matrices. The order of time matters to the last of them alone:

    encode   frames → short-time spectra → four convolutions → what each frame tells the LSTM
    step     that, and what is remembered of each stream → what is remembered then, and the probability of speech

Rows go through in tiles of one size, the last of which is filled up. A product of matrices may add up in another order
when its shape is another, and so round differently. Of one shape, each row of it is a function of that row alone: what
is heard in a stream does not depend on which others are heard with it, not even in the last bit.
"""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from google.protobuf.empty_pb2 import Empty
from google.protobuf.unknown_fields import UnknownFieldSet

Floats = npt.NDArray[np.float32]

CONTEXT_SAMPLES: Final = 64  # of the frame before, heard again with each
MEMORY_FLOATS: Final = 256  # the LSTM's hidden state, and its cell
TOLD_FLOATS: Final = 512  # what a frame tells each of the LSTM's gates

_TILE_ROWS: Final = 8  # with 16 a row costs a fifth less, but of the few that come at a time more are filling
_HOP_SAMPLES, _BINS = 128, 129  # of the short-time spectrum, whose windows are two hops long
_HIDDEN: Final = MEMORY_FLOATS // 2

_GRAPH, _INITIALIZER, _DIMENSION, _KIND, _NAME, _RAW = 7, 5, 1, 2, 8, 9  # numbers of fields in onnx.proto
_FLOATS: Final = 1  # a kind


class Silero:
    """The layers. They remember nothing: any thread may use them."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Arrange the weights as they are multiplied with."""
        self._waves = _product(weights["encoder.feature_extractor.forward_basis_buffer"])
        kernels = [weights[f"encoder.conv_layers.{layer}.weight"] for layer in range(4)]
        kernels[2] = kernels[2][..., 1:]  # of two columns and the padding before them it gives one,
        kernels[3] = kernels[3][..., 1:2]  # and this one meets that column between padding
        self._kernels = list(map(_product, kernels))
        self._biases = [weights[f"encoder.conv_layers.{layer}.bias"] for layer in range(4)]
        self._input, self._hidden = (_product(weights[f"onnx::LSTM_{name}"][0, ..., None]) for name in (209, 210))
        self._gate_biases = weights["onnx::LSTM_211"].reshape(2, -1).sum(axis=0)
        self._output = _product(weights["decoder.conv1d.weight"])
        self._output_bias = weights["decoder.conv1d.bias"]

    @classmethod
    def load(cls) -> Self:
        """Read the weights.

        Raises:
            FileNotFoundError: The faster-whisper package is not installed.
        """
        spec = importlib.util.find_spec("faster_whisper")  # found, not imported: it would load an inference engine
        if spec is None or spec.origin is None:
            raise FileNotFoundError("The voice activity model is missing: install the faster-whisper package.")
        return cls(_weights(Path(spec.origin).parent / "assets" / "silero_vad_v6.onnx"))

    def encode(self, frames: Floats) -> Floats:
        """What each frame tells the LSTM, shape [n, 512].

        Args:
            frames: Samples between -1 and 1, each frame after its context, shape [n, 576].
        """
        return _in_tiles(self._encode, frames)

    def step(self, told: Floats, memories: Floats) -> tuple[Floats, Floats]:
        """Hear a frame of each stream.

        Args:
            told: What the frames tell, shape [n, 512].
            memories: What is remembered before them, shape [n, 256].

        Returns:
            The probabilities of speech, shape [n], and what is remembered after the frames.
        """
        after = _in_tiles(self._step, np.concatenate([told, memories], axis=1))
        return after[:, -1], after[:, :-1]

    def _encode(self, frames: Floats) -> Floats:
        mirrored = np.concatenate([frames, frames[:, -2 : -2 - CONTEXT_SAMPLES : -1]], axis=1)
        hops = mirrored.reshape(len(frames), -1, _HOP_SAMPLES)
        windows = np.concatenate([hops[:, :-1], hops[:, 1:]], axis=2)
        waves = windows.reshape(-1, 2 * _HOP_SAMPLES) @ self._waves
        waves *= waves
        columns = np.sqrt(waves[:, :_BINS] + waves[:, _BINS:]).reshape(len(frames), -1, _BINS)
        columns = self._convolve(0, _neighbours(columns))
        columns = self._convolve(1, _neighbours(columns)[:, ::2])
        columns = self._convolve(2, columns)
        columns = self._convolve(3, columns)
        told: Floats = columns[:, 0] @ self._input + self._gate_biases
        return told

    def _convolve(self, layer: int, columns: Floats) -> Floats:
        kernel = self._kernels[layer]
        product = columns.reshape(-1, len(kernel)) @ kernel
        product += self._biases[layer]
        return np.maximum(product, 0, out=product).reshape(len(columns), -1, kernel.shape[1])

    def _step(self, rows: Floats) -> Floats:
        told, hidden, cell = np.split(rows, [4 * _HIDDEN, 5 * _HIDDEN], axis=1)
        gates = told + hidden @ self._hidden
        let_in, let_out, keep = np.split(_sigmoid(gates[:, : 3 * _HIDDEN]), 3, axis=1)
        cell = keep * cell + let_in * np.tanh(gates[:, 3 * _HIDDEN :])
        hidden = let_out * np.tanh(cell)
        probability = _sigmoid(np.maximum(hidden, 0) @ self._output + self._output_bias)
        return np.concatenate([hidden, cell, probability], axis=1)


def _in_tiles(run: Callable[[Floats], Floats], rows: Floats) -> Floats:
    padding = np.zeros((-len(rows) % _TILE_ROWS, rows.shape[1]), np.float32)
    padded = np.concatenate([rows, padding])
    tiles = [run(padded[first : first + _TILE_ROWS]) for first in range(0, len(padded), _TILE_ROWS)]
    return np.concatenate(tiles)[: len(rows)]


def _neighbours(columns: Floats) -> Floats:
    """Each column between the one before and the one after it, shape [n, columns, 3 * channels]; zero outside."""
    outside = np.zeros_like(columns[:, :1])
    before = np.concatenate([outside, columns[:, :-1]], axis=1)
    after = np.concatenate([columns[:, 1:], outside], axis=1)
    return np.concatenate([before, columns, after], axis=2)


def _product(kernel: Floats) -> Floats:
    """A convolution's weights, [outputs, inputs, time], as the matrix that rows of neighbours are multiplied with."""
    return np.ascontiguousarray(kernel.transpose(2, 1, 0).reshape(-1, len(kernel)))


def _sigmoid(values: Floats) -> Floats:
    result: Floats = np.tanh(values * np.float32(0.5)) * np.float32(0.5) + np.float32(0.5)  # never overflows
    return result


def _weights(path: Path) -> dict[str, Floats]:
    """The arrays of 32-bit floats in an ONNX file, by their names; read without a package for such files."""
    (graph,) = _fields(path.read_bytes(), _GRAPH)
    weights = {}
    for tensor in _fields(graph, _INITIALIZER):
        (name,), (kind,), (raw,) = (_fields(tensor, field) for field in (_NAME, _KIND, _RAW))
        if kind == _FLOATS:
            weights[name.decode()] = np.frombuffer(raw, "<f4").reshape(_fields(tensor, _DIMENSION)).astype(np.float32)
    return weights


def _fields(message: bytes, number: int) -> list[Any]:
    """The values of one field of a protobuf message, without its schema."""
    fields = UnknownFieldSet(Empty.FromString(message))
    return [fields[index].data for index in range(len(fields)) if fields[index].field_number == number]
