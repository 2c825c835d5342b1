"""Random weights of true dimensions: they cost what real ones cost."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from ctranslate2.specs import TransformerSpec

_BYTES_DEVIATION = np.float32(74)  # of random int8


@dataclass(frozen=True)
class Size:
    """A translation model's dimensions.

    Attributes:
        width: Of a token's vector.
        layers: In the encoder, and again in the decoder.
        heads: Of attention.
        feed_forward: Width inside a layer.
        vocabulary: Tokens.
        positions: The longest text.
    """

    width: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int


SIZES: Final = {
    "opus-base": Size(512, 6, 8, 2048, 60_000, 512),  # Marian's transformer-base, as OPUS-MT has it
    "nllb-600m": Size(1024, 12, 16, 4096, 256_206, 1024),  # NLLB-200, distilled to 600 million weights
}
"""The dimensions of models that people use."""


def fill(spec: TransformerSpec, size: Size) -> None:
    """Set all weights to noise, in int8 from the start: in full precision the large ones would not fit."""
    noise = _Noise(size)
    noise.set_matrix(spec.encoder.embeddings[0], size.vocabulary, size.width)
    for name in ("weight", "weight_scale"):  # one table for both sides and the projection, as the real ones have it
        table = getattr(spec.encoder.embeddings[0], name)
        setattr(spec.decoder.embeddings, name, table)
        setattr(spec.decoder.projection, name, table)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = noise.positions()
        if side.pre_norm:
            noise.set_norm(side.layer_norm)
        for layer in side.layer:
            noise.set_layer(layer)
    for layer in spec.decoder.layer:
        noise.set_attention(layer.attention)


class _Noise:
    """Sets weights at random, always the same."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._chance = np.random.default_rng(7)

    def positions(self) -> Any:
        return self._chance.standard_normal((self._size.positions, self._size.width), np.float32)

    def set_layer(self, layer: Any) -> None:
        width, inner = self._size.width, self._size.feed_forward
        self.set_norm(layer.self_attention.layer_norm)
        self.set_norm(layer.ffn.layer_norm)
        self.set_matrix(layer.self_attention.linear[0], 3 * width, width)
        self.set_matrix(layer.self_attention.linear[1], width, width)
        self.set_matrix(layer.ffn.linear_0, inner, width)
        self.set_matrix(layer.ffn.linear_1, width, inner)

    def set_attention(self, attention: Any) -> None:
        width = self._size.width
        self.set_norm(attention.layer_norm)
        for linear, rows in zip(attention.linear, (width, 2 * width, width), strict=True):
            self.set_matrix(linear, rows, width)

    def set_matrix(self, matrix: Any, rows: int, columns: int) -> None:
        matrix.weight = np.frombuffer(self._chance.bytes(rows * columns), np.int8).reshape(rows, columns)
        # Keeps lengths. No two are equal: of equal ones one would be left out of the file, and missed by the engine.
        matrix.weight_scale = _BYTES_DEVIATION * np.sqrt(columns) * self._chance.uniform(0.9, 1.1, rows).astype("f4")

    def set_norm(self, norm: Any) -> None:
        norm.gamma, norm.beta = np.ones(self._size.width, np.float32), np.zeros(self._size.width, np.float32)
