"""The tensors of a Whisper by the names that Hugging Face's Transformers gives them, whatever they are saved as."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

AUDIO_POSITIONS: Final = 1_500
TEXT_POSITIONS: Final = 448

Tensors = dict[str, npt.NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class WhisperDims:
    """The size of a network."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    mels: int = 80
    vocabulary: int = 51_865
    inner: int = 0  # of the feed-forward networks; 0: four times the width

    @property
    def inner_width(self) -> int:
        return self.inner or 4 * self.width


SIZES: Final = {
    "tiny": WhisperDims(384, 6, 4, 4),
    "base": WhisperDims(512, 8, 6, 6),
    "small": WhisperDims(768, 12, 12, 12),
    "large-v3-turbo": WhisperDims(1280, 20, 32, 4, mels=128, vocabulary=51_866),
}


def shapes(dims: WhisperDims) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor. The output projection has a name of its own, also where it is the embeddings."""
    width = dims.width
    found: dict[str, tuple[int, ...]] = {
        "encoder.conv1.weight": (width, dims.mels, 3),
        "encoder.conv1.bias": (width,),
        "encoder.conv2.weight": (width, width, 3),
        "encoder.conv2.bias": (width,),
        "encoder.embed_positions.weight": (AUDIO_POSITIONS, width),
        "decoder.embed_tokens.weight": (dims.vocabulary, width),
        "decoder.embed_positions.weight": (TEXT_POSITIONS, width),
        "proj_out.weight": (dims.vocabulary, width),
    }
    for side, layers in (("encoder", dims.encoder_layers), ("decoder", dims.decoder_layers)):
        found |= _norm(f"{side}.layer_norm", width)
        for layer in range(layers):
            found |= _layer(f"{side}.layers.{layer}", dims)
            if side == "decoder":
                found |= _attention(f"{side}.layers.{layer}.encoder_attn", width)
    return found


def random_tensors(dims: WhisperDims) -> Tensors:
    """Random values of the spread that networks are initialized with, as float16; the same ones each time."""
    generator = np.random.default_rng(0)
    tensors: Tensors = {}
    for name, shape in shapes(dims).items():
        if "layer_norm.weight" in name:
            tensors[name] = np.ones(shape, np.float16)
        elif name == "proj_out.weight":
            tensors[name] = tensors["decoder.embed_tokens.weight"]
        else:
            tensors[name] = (generator.standard_normal(shape, np.float32) * 0.02).astype(np.float16)
    return tensors


def _layer(name: str, dims: WhisperDims) -> dict[str, tuple[int, ...]]:
    return {
        **_attention(f"{name}.self_attn", dims.width),
        f"{name}.fc1.weight": (dims.inner_width, dims.width),
        f"{name}.fc1.bias": (dims.inner_width,),
        f"{name}.fc2.weight": (dims.width, dims.inner_width),
        f"{name}.fc2.bias": (dims.width,),
        **_norm(f"{name}.final_layer_norm", dims.width),
    }


def _attention(name: str, width: int) -> dict[str, tuple[int, ...]]:
    found = _norm(f"{name}_layer_norm", width)
    for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
        found[f"{name}.{part}.weight"] = (width, width)
        if part != "k_proj":
            found[f"{name}.{part}.bias"] = (width,)
    return found


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
