"""Whispers made here, in the files that faster-whisper's models consist of."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec
from tokenizers import Tokenizer

from bench.weights.whisper_tensors import SIZES, Tensors, WhisperDims, random_tensors
from bench.weights.whisper_tokens import LANGUAGES, TEXT_TOKENS, make_tokenizer
from bench.weights.whisper_tones import ALIGNMENT_HEADS, DIMS, TONE_LANGUAGES, WORDS, tone_tensors
from livetranslate.weights import Weights, describe_file, write_weights

PROFILES = ("cpu", "gpu")


def save_tone_whisper(folder: Path) -> None:
    """A Whisper that really hears: each half second it writes a number, told by the pitch (see `whisper_tones`)."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for words in WORDS.values() for word in words]
    config = {"suppress_ids": [], "suppress_ids_begin": [], "alignment_heads": ALIGNMENT_HEADS}
    tokenizer = make_tokenizer(DIMS.vocabulary, words)
    _save_network(folder, _spec(DIMS, tone_tensors(tokenizer), config), tokenizer, "float32")
    _save_texts(folder, DIMS, tokenizer)
    # Its values are arranged with care: they leave no room for rounding.
    parameters = {"languages": " ".join(TONE_LANGUAGES), "compute_type_cpu": "float32", "compute_type_gpu": "float32"}
    _describe(folder, "whisper-tones", parameters, {"cpu": 200, "gpu": 200})


def save_random_whisper(folder: Path, size: str) -> None:
    """A Whisper of a real one's dimensions, which writes nonsense at a real one's pace.

    Args:
        folder: Where to; its name becomes the weights'.
        size: One of `SIZES`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dims = SIZES[size]
    config = {
        "suppress_ids": list(range(TEXT_TOKENS + 1, dims.vocabulary)),
        "suppress_ids_begin": [220, TEXT_TOKENS],
        # Where nobody knows which heads follow the words, all of the second half of the layers do.
        "alignment_heads": [
            [layer, head]
            for layer in range(dims.decoder_layers // 2, dims.decoder_layers)
            for head in range(dims.heads)
        ],
    }
    tokenizer = make_tokenizer(dims.vocabulary)
    _save_network(folder, _spec(dims, random_tensors(dims), config), tokenizer, "float16")
    _save_texts(folder, dims, tokenizer)
    # It never ends by itself; people say some three or four tokens a second.
    parameters = {"languages": "en es fr de vi", "tokens_per_second": "3"}
    megabytes = (folder / "model.bin").stat().st_size >> 20
    _describe(folder, folder.name, parameters, {"cpu": megabytes, "gpu": megabytes})


def _save_network(folder: Path, spec: WhisperSpec, tokenizer: Tokenizer, stored_as: str) -> None:
    vocabulary = [str(tokenizer.id_to_token(position)) for position in range(spec.get_vocabulary_size())]
    languages = (position for position, token in enumerate(vocabulary) if token[2:-2] in LANGUAGES)
    spec.config.lang_ids = [position for position in languages if position > TEXT_TOKENS]
    spec.register_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization=stored_as)
    spec.save(str(folder))


def _spec(dims: WhisperDims, tensors: Tensors, config: dict[str, Any]) -> WhisperSpec:
    spec = WhisperSpec(dims.encoder_layers, dims.heads, dims.decoder_layers, dims.heads)
    for side, part in (("encoder", spec.encoder), ("decoder", spec.decoder)):
        part.position_encodings.encodings = tensors[f"{side}.embed_positions.weight"]
        _set_norm(part.layer_norm, tensors, f"{side}.layer_norm")
        for number, layer in enumerate(part.layer):
            _set_layer(layer, tensors, f"{side}.layers.{number}")
    for name, conv in (("conv1", spec.encoder.conv1), ("conv2", spec.encoder.conv2)):
        conv.weight, conv.bias = tensors[f"encoder.{name}.weight"], tensors[f"encoder.{name}.bias"]
    spec.decoder.embeddings.weight = tensors["decoder.embed_tokens.weight"]
    spec.decoder.projection.weight = tensors["proj_out.weight"]
    for key, value in config.items():
        setattr(spec.config, key, value)
    return spec


def _set_layer(layer: Any, tensors: Tensors, name: str) -> None:
    weights, biases = _projections(tensors, f"{name}.self_attn")
    _set_attention(layer.self_attention, [[0, 1, 2], [3]], weights, biases)
    _set_norm(layer.self_attention.layer_norm, tensors, f"{name}.self_attn_layer_norm")
    if hasattr(layer, "attention"):
        weights, biases = _projections(tensors, f"{name}.encoder_attn")
        _set_attention(layer.attention, [[0], [1, 2], [3]], weights, biases)
        _set_norm(layer.attention.layer_norm, tensors, f"{name}.encoder_attn_layer_norm")
    _set_norm(layer.ffn.layer_norm, tensors, f"{name}.final_layer_norm")
    for linear, part in ((layer.ffn.linear_0, "fc1"), (layer.ffn.linear_1, "fc2")):
        linear.weight, linear.bias = tensors[f"{name}.{part}.weight"], tensors[f"{name}.{part}.bias"]


def _projections(tensors: Tensors, name: str) -> tuple[list[Any], list[Any]]:
    """Weights and biases of queries, keys, values and what is made of them."""
    parts = [f"{name}.{part}" for part in ("q_proj", "k_proj", "v_proj", "out_proj")]
    weights = [tensors[f"{part}.weight"] for part in parts]
    biases = [tensors.get(f"{part}.bias", np.zeros_like(weights[0][0])) for part in parts]
    return weights, biases


def _set_attention(attention: Any, joined: list[list[int]], weights: list[Any], biases: list[Any]) -> None:
    for linear, parts in zip(attention.linear, joined, strict=True):
        linear.weight = np.concatenate([weights[part] for part in parts])
        linear.bias = np.concatenate([biases[part] for part in parts])


def _set_norm(norm: Any, tensors: Tensors, name: str) -> None:
    norm.gamma, norm.beta = tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _save_texts(folder: Path, dims: WhisperDims, tokenizer: Tokenizer) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    preprocessor = {
        "chunk_length": 30,
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": dims.mels,
        "hop_length": 160,
        "n_fft": 400,
        "n_samples": 480_000,
        "nb_max_frames": 3_000,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
        "sampling_rate": 16_000,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor, indent=2), encoding="utf-8")


def _describe(folder: Path, name: str, parameters: dict[str, str], memory_mib: dict[str, int]) -> None:
    names = ("model.bin", "config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")
    write_weights(
        Weights(
            name=name,
            engine="asr_whisper",
            profiles=PROFILES,
            license="Apache-2.0",
            memory_mib=memory_mib,
            parameters=parameters,
            files={file: describe_file(folder / file) for file in names},
            folder=folder,
        )
    )
