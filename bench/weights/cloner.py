"""A small Chatterbox whose speech is known: four ONNX graphs with the names, types and meanings of the real export.

It spells: each character of a text becomes one speech token, and each token 40 ms of a tone. The tone has the pitch of
the reference, so that whoever is imitated is heard, and each character a loudness of its own (see `tiny_loudness`).

The decoder finds the next character with what it has cached of the text, by its position. It does so only where its
cache, its mask and the positions are handed on as the real one needs it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import AddedToken, Tokenizer, models, normalizers

from livetranslate.weights import Weights, describe_file, write_weights

LANGUAGES: Final = ("en", "es", "fr", "ko")
TOKEN_SAMPLES: Final = 960  # 40 ms at 24 kHz
SAMPLE_RATE_HERTZ: Final = 24_000

CHARACTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'()-¿¡\u0303\u0301ᄀ난"
FIRST_CHARACTER: Final = 3  # behind [STOP], [UNK] and [SPACE], as in the real vocabulary
START_TEXT, FIRST_LANGUAGE = 255, 300
START_SPEECH, STOP_SPEECH = 6561, 6562
_END = 2**31
VOCABULARY: Final = 8194  # of speech tokens, as in the real decoder
HIDDEN: Final = 4
LAYERS: Final = 2
CONDITION_LENGTH, PROMPT_LENGTH = 3, 5


def save_tiny_cloner(folder: Path, *, has_half_cache: bool = False, is_endless: bool = False) -> None:
    """Save the weights, with their description; the folder's name is their name.

    Args:
        folder: Where to.
        has_half_cache: Whether the decoder's cache is FP16, as in those variants of the export that have FP16 in them.
        is_endless: Whether it goes on and on behind the end of a text.
    """
    decoder = "language_model_fp16" if has_half_cache else "language_model"
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    _tokenizer().save(str(folder / "tokenizer.json"))
    graphs = {
        "speech_encoder": _speech_encoder(),
        "embed_tokens": _embed_tokens(),
        decoder: _language_model(
            TensorProto.FLOAT16 if has_half_cache else TensorProto.FLOAT, FIRST_CHARACTER if is_endless else STOP_SPEECH
        ),
        "conditional_decoder": _conditional_decoder(),
    }
    for name, model in graphs.items():
        onnx.save(model, str(folder / "onnx" / f"{name}.onnx"))
    files = ["tokenizer.json", *(f"onnx/{name}.onnx" for name in graphs)]
    write_weights(
        Weights(
            name=folder.name,
            engine="tts_chatterbox",
            profiles=("cpu", "gpu"),
            license="Apache-2.0",
            parameters={"languages": " ".join(LANGUAGES), "language_model": decoder},
            files={name: describe_file(folder / name) for name in files},
            folder=folder,
        )
    )


def tiny_loudness(character: str) -> float:
    """The amplitude of a character's tone; a language's mark is one character."""
    token = FIRST_CHARACTER + CHARACTERS.index(character) if character in CHARACTERS else _special_id(character)
    return 0.2 + token / 1000


def _special_id(character: str) -> int:
    return {" ": 2, **{language: FIRST_LANGUAGE + place for place, language in enumerate(LANGUAGES)}}[character]


def _tokenizer() -> Tokenizer:
    vocabulary = {"[STOP]": 0, "[UNK]": 1, "[SPACE]": 2, "[START]": START_TEXT}
    vocabulary |= {character: FIRST_CHARACTER + place for place, character in enumerate(CHARACTERS)}
    vocabulary |= {f"[{language}]": FIRST_LANGUAGE + place for place, language in enumerate(LANGUAGES)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.Replace(" ", "[SPACE]")
    specials = [name for name in vocabulary if len(name) > 1]
    tokenizer.add_special_tokens([AddedToken(name, normalized=name == "[SPACE]") for name in specials])
    return tokenizer


def _speech_encoder() -> onnx.ModelProto:
    """A voice is its pitch: how often its sound crosses zero."""
    graph = _Graph()
    is_below = graph.op("Less", "audio_values", 0.0)
    later, earlier = (graph.op("Slice", is_below, [first], [end], [1]) for first, end in ((1, _END), (0, -1)))
    crossings = graph.op("Cast", graph.op("Xor", later, earlier), to=TensorProto.FLOAT)
    share = graph.op("ReduceMean", crossings, [1], keepdims=1)
    hertz = graph.op("Mul", share, SAMPLE_RATE_HERTZ / 2)
    graph.op("Identity", np.zeros((1, CONDITION_LENGTH, HIDDEN), np.float32), output="audio_features")
    graph.op("Identity", np.full((1, PROMPT_LENGTH), 7, np.int64), output="audio_tokens")
    graph.op("Expand", hertz, [1, 192], output="speaker_embeddings")
    graph.op("Identity", np.zeros((1, 2 * PROMPT_LENGTH, 80), np.float32), output="speaker_features")
    return graph.model(
        {"audio_values": (TensorProto.FLOAT, ["batch_size", "num_samples"])},
        {
            "audio_features": (TensorProto.FLOAT, ["batch_size", "sequence_length", HIDDEN]),
            "audio_tokens": (TensorProto.INT64, ["batch_size", "audio_sequence_length"]),
            "speaker_embeddings": (TensorProto.FLOAT, ["batch_size", 192]),
            "speaker_features": (TensorProto.FLOAT, ["batch_size", "feature_dim", 80]),
        },
    )


def _embed_tokens() -> onnx.ModelProto:
    """An embedding says which token it is, where it is, that it is one, and how lively it is to be said."""
    graph = _Graph()
    token, position = (
        graph.op("Unsqueeze", graph.op("Cast", name, to=TensorProto.FLOAT), [2])
        for name in ("input_ids", "position_ids")
    )
    is_token = graph.op("Add", graph.op("Mul", token, 0.0), 1.0)
    exaggeration = graph.op("Mul", is_token, graph.op("Unsqueeze", "exaggeration", [1, 2]))
    graph.op("Concat", token, position, is_token, exaggeration, axis=2, output="inputs_embeds")
    sequence = ["batch_size", "sequence_length"]
    return graph.model(
        {
            "input_ids": (TensorProto.INT64, sequence),
            "position_ids": (TensorProto.INT64, sequence),
            "exaggeration": (TensorProto.FLOAT, ["batch_size"]),
        },
        {"inputs_embeds": (TensorProto.FLOAT, [*sequence, HIDDEN])},
    )


def _language_model(cache_type: int, end: int) -> onnx.ModelProto:
    """The next speech token is the text's token one position further; behind the text it is `end`."""
    graph = _Graph()
    new = graph.op("Cast", graph.op("Unsqueeze", "inputs_embeds", [1]), to=cache_type)
    for layer in range(LAYERS):
        for part in ("key", "value"):
            graph.op("Concat", f"past_key_values.{layer}.{part}", new, axis=2, output=f"present.{layer}.{part}")
    tokens = _column(graph, "present.0.key", 0)
    positions = _column(graph, "present.0.value", 1)
    is_token = _column(graph, "present.1.key", 2)
    last = graph.op("Slice", positions, [-1], [_END], [1])
    is_next = graph.op("Cast", graph.op("Equal", positions, graph.op("Add", last, 1.0)), to=TensorProto.FLOAT)
    is_text = graph.op("Cast", graph.op("Less", tokens, float(START_SPEECH)), to=TensorProto.FLOAT)
    found = graph.op("Mul", graph.op("Mul", is_next, is_text), is_token)
    # A mask of another length than the cache moves the token, so that nobody can miss it.
    masked = graph.op("ReduceSum", graph.op("Cast", "attention_mask", to=TensorProto.FLOAT), [1], keepdims=1)
    cached = graph.op("ReduceSum", graph.op("Add", graph.op("Mul", tokens, 0.0), 1.0), [1], keepdims=1)
    token = graph.op("ReduceSum", graph.op("Mul", found, tokens), [1], keepdims=1)
    said = graph.op("Where", graph.op("Equal", token, 0.0), float(end), token)
    wanted = graph.op("Add", said, graph.op("Sub", masked, cached))
    distance = graph.op("Sub", np.arange(VOCABULARY, dtype=np.float32)[None], wanted)
    graph.op("Unsqueeze", graph.op("Neg", graph.op("Abs", distance)), [1], output="logits")
    cache = [f"{layer}.{part}" for layer in range(LAYERS) for part in ("key", "value")]
    return graph.model(
        {
            "inputs_embeds": (TensorProto.FLOAT, ["batch_size", "sequence_length", HIDDEN]),
            "attention_mask": (TensorProto.INT64, ["batch_size", "total_sequence_length"]),
            **{
                f"past_key_values.{name}": (cache_type, ["batch_size", 1, "past_sequence_length", HIDDEN])
                for name in cache
            },
        },
        {
            "logits": (TensorProto.FLOAT, ["batch_size", "sequence_length", VOCABULARY]),
            **{f"present.{name}": (cache_type, ["batch_size", 1, "total_sequence_length", HIDDEN]) for name in cache},
        },
    )


def _column(graph: "_Graph", cache: str, column: int) -> str:
    """One number of each embedding in a cache: FP32 [1, n]."""
    numbers = graph.op("Cast", graph.op("Slice", cache, [column], [column + 1], [3]), to=TensorProto.FLOAT)
    return graph.op("Squeeze", numbers, [1, 3])


def _conditional_decoder() -> onnx.ModelProto:
    """A tone for each token behind the prompt, whose length is half that of the reference's spectrogram."""
    graph = _Graph()
    frames = graph.op("Gather", graph.op("Shape", "speaker_features"), np.array([1]), axis=0)
    tokens = graph.op("Slice", "speech_tokens", graph.op("Div", frames, [2]), [_END], [1])
    loudness = graph.op("Add", graph.op("Div", graph.op("Cast", tokens, to=TensorProto.FLOAT), 1000.0), 0.2)
    rows = graph.op("Expand", graph.op("Unsqueeze", loudness, [2]), [1, 1, TOKEN_SAMPLES])
    envelope = graph.op("Reshape", rows, [1, -1])
    count = graph.op("Squeeze", graph.op("Gather", graph.op("Shape", envelope), np.array([1]), axis=0), [0])
    steps = graph.op("Cast", graph.op("Range", np.array(0), count, np.array(1)), to=TensorProto.FLOAT)
    hertz = graph.op("Slice", "speaker_embeddings", [0], [1], [1])
    phase = graph.op("Mul", graph.op("Mul", hertz, 2 * np.pi / SAMPLE_RATE_HERTZ), steps)
    graph.op("Mul", envelope, graph.op("Sin", phase), output="waveform")
    return graph.model(
        {
            "speech_tokens": (TensorProto.INT64, ["batch_size", "num_speech_tokens"]),
            "speaker_embeddings": (TensorProto.FLOAT, ["batch_size", 192]),
            "speaker_features": (TensorProto.FLOAT, ["batch_size", "feature_dim", 80]),
        },
        {"waveform": (TensorProto.FLOAT, ["batch_size", "num_samples"])},
    )


Operand = str | float | Sequence[int] | np.ndarray[Any, Any]
Tensors = Mapping[str, tuple[int, Sequence[int | str]]]


class _Graph:
    """Nodes as they are added; each name is a tensor's."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def op(self, kind: str, *operands: Operand, output: str = "", **attributes: Any) -> str:
        """Add a node; numbers become constants. Returns the name of what it makes."""
        name = output or f"t{len(self._nodes)}"
        inputs = [operand if isinstance(operand, str) else self._constant(operand) for operand in operands]
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def model(self, inputs: Tensors, outputs: Tensors) -> onnx.ModelProto:
        """All of it."""
        graph = helper.make_graph(
            self._nodes, "tiny", _described(inputs), _described(outputs), initializer=self._constants
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    def _constant(self, value: float | Sequence[int] | np.ndarray[Any, Any]) -> str:
        name = f"c{len(self._constants)}"
        kind = None if isinstance(value, np.ndarray) else np.float32 if isinstance(value, float) else np.int64
        self._constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name


def _described(tensors: Tensors) -> list[onnx.ValueInfoProto]:
    return [helper.make_tensor_value_info(name, *tensor) for name, tensor in tensors.items()]
