"""Whispers made here, in the files that optimum-intel exports for OpenVINO, as `OpenVINO/whisper-*-ov` has them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from openvino import save_model
from tokenizers import Tokenizer

from bench.weights.ir_transformer import WhisperGraph
from bench.weights.whisper_tensors import SIZES, TEXT_POSITIONS, WhisperDims, random_tensors
from bench.weights.whisper_tokens import LANGUAGES, make_tokenizer
from bench.weights.whisper_tones import ALIGNMENT_HEADS, DIMS, TONE_LANGUAGES, WORDS, tone_tensors
from livetranslate.weights import Weights, describe_file, write_weights

ENGINE: Final = "asr_whisper_openvino"
PROFILE: Final = "openvino"


def save_tone_whisper_ir(folder: Path, *, is_old: bool = False) -> None:
    """A Whisper that really hears: each half second it writes a number, told by the pitch (see `whisper_tones`).

    Args:
        folder: Where to.
        is_old: Whether as exports were before 2025; see `WhisperGraph`.
    """
    words = [word for words in WORDS.values() for word in words]
    tokenizer = make_tokenizer(DIMS.vocabulary, words)
    graph = WhisperGraph(DIMS, tone_tensors(tokenizer), is_old)
    _save_graph(folder, graph, is_half=False)
    _save_texts(folder, DIMS, tokenizer, {"begin_suppress_tokens": [], "alignment_heads": ALIGNMENT_HEADS})
    # Its values are arranged with care: they leave no room for rounding.
    _describe(folder, "whisper-tones-ov", {"languages": " ".join(TONE_LANGUAGES), "precision": "f32"}, 200)


def save_random_whisper_ir(folder: Path, size: str) -> None:
    """A Whisper of a real one's dimensions, which writes nonsense at a real one's pace.

    Args:
        folder: Where to; its name becomes the weights'.
        size: One of `SIZES`.
    """
    dims = SIZES[size]
    tokenizer = make_tokenizer(dims.vocabulary)
    _save_graph(folder, WhisperGraph(dims, random_tensors(dims)), is_half=True)
    # Where nobody knows which heads follow the words, all of the second half of the layers do.
    layers = range(dims.decoder_layers // 2, dims.decoder_layers)
    generation = {
        "suppress_tokens": [tokenizer.token_to_id("<|endoftext|>")],
        "alignment_heads": [[layer, head] for layer in layers for head in range(dims.heads)],
    }
    _save_texts(folder, dims, tokenizer, generation)
    mebibytes = sum(path.stat().st_size for path in folder.glob("*.bin")) >> 20
    # It never ends by itself; people say some three or four tokens a second.
    _describe(folder, folder.name, {"languages": "en es fr de vi", "tokens_per_second": "3"}, mebibytes)


def _save_graph(folder: Path, graph: WhisperGraph, *, is_half: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_model(graph.encoder(), folder / "openvino_encoder_model.xml", compress_to_fp16=is_half)
    save_model(graph.decoder(), folder / "openvino_decoder_model.xml", compress_to_fp16=is_half)


def _save_texts(folder: Path, dims: WhisperDims, tokenizer: Tokenizer, generation: dict[str, Any]) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "whisper",
        "d_model": dims.width,
        "encoder_layers": dims.encoder_layers,
        "decoder_layers": dims.decoder_layers,
        "num_mel_bins": dims.mels,
        "vocab_size": dims.vocabulary,
    }
    _write(folder / "config.json", config)
    _write(folder / "generation_config.json", {**_generation_config(tokenizer), **generation})
    _write(folder / "preprocessor_config.json", {"feature_size": dims.mels, "n_fft": 400, "hop_length": 160})


def _generation_config(tokenizer: Tokenizer) -> dict[str, Any]:
    def token(name: str) -> int | None:
        return tokenizer.token_to_id(f"<|{name}|>")

    return {
        "decoder_start_token_id": token("startoftranscript"),
        "eos_token_id": token("endoftext"),
        "begin_suppress_tokens": [220, token("endoftext")],
        "is_multilingual": True,
        "lang_to_id": {f"<|{code}|>": token(code) for code in _languages(tokenizer)},
        "max_initial_timestamp_index": 50,
        "max_length": TEXT_POSITIONS,
        "no_timestamps_token_id": token("notimestamps"),
        "prev_sot_token_id": token("startofprev"),
        "return_timestamps": False,
        "task_to_id": {"transcribe": token("transcribe"), "translate": token("translate")},
    }


def _languages(tokenizer: Tokenizer) -> Sequence[str]:
    return [code for code in LANGUAGES if tokenizer.token_to_id(f"<|{code}|>") is not None]


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _describe(folder: Path, name: str, parameters: dict[str, str], memory_mib: int) -> None:
    files = {path.name: describe_file(path) for path in sorted(folder.iterdir())}
    write_weights(
        Weights(
            name=name,
            engine=ENGINE,
            profiles=(PROFILE,),
            license="Apache-2.0",
            memory_mib={PROFILE: memory_mib},
            parameters=parameters,
            files=files,
            folder=folder,
        )
    )
