"""Piper voices made here: a small one whose speech is known, and one that costs what a real one does.

A Piper voice is a VITS model (Kim et al., 2021) as ONNX, and a JSON file of the same name that says what its inputs
mean: `<name>.onnx` and `<name>.onnx.json`. The small one is arranged here; for the other see `bench.weights.vits`.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bench.weights.vits import QUALITIES, build_vits
from livetranslate.weights import Weights, describe_file, write_weights

PROFILES: Final = ("cpu", "gpu", "openvino")
SAMPLE_RATE_HERTZ: Final = 22_050

# Piper's order: padding, beginning, end, space, marks, Latin letters, then letters of the IPA, stress, length, tones.
SYMBOLS: Final = (
    "_^$ !'(),-.:;?abcdefhijklmnopqrstuvwxyzæçðøħŋœ"
    "ǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄ"
    "ʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢʲˈˌːˑ˞βθχᵻⱱ0123456789"
    '\u0327\u0303\u032a\u032f\u0329ʰˤε↓#"↑\u033a\u033bgʦX\u031d\u030a'
)
SYMBOL_IDS: Final = {symbol: index for index, symbol in enumerate(SYMBOLS)}
TABLE_SIZE: Final = 256  # Piper's `num_symbols`: room for symbols to come

TINY_SYMBOL_SAMPLES: Final = 512  # of each id, padding included: a tempo like that of speech
TINY_SILENT: Final = "_^$ !'(),-.:;?"
TINY_AMPLITUDE: Final = 0.5


def save_tiny_voice(folder: Path, language: str, speakers: Sequence[str] = ()) -> None:
    """Save a voice that gives each phoneme id 512 samples: a tone of its own (see `tiny_hertz`), or silence for a mark.

    Args:
        folder: Where to; its name is the voice's name.
        language: BCP-47, which is also the name of eSpeak NG's voice.
        speakers: Where there are several, each speaks an octave higher than the one before.
    """
    _save(folder, _tiny_model(len(speakers)), _config(language, "medium", SAMPLE_RATE_HERTZ, speakers))


def save_random_voice(folder: Path, quality: str, language: str = "en-us") -> None:
    """Save a voice of Piper's true dimensions with random weights: it hums, at the true cost.

    Args:
        folder: Where to; its name is the voice's name.
        quality: One of `QUALITIES`.
        language: As in `save_tiny_voice`.
    """
    dimensions = QUALITIES[quality]
    _save(folder, build_vits(dimensions, TABLE_SIZE), _config(language, quality, dimensions.sample_rate_hertz, ()))


def tiny_hertz(symbol: str, speaker: int = 0) -> float:
    """The tone that the tiny voice gives a symbol; 0 for silence."""
    return 0.0 if symbol in TINY_SILENT else (200.0 + 10 * SYMBOL_IDS[symbol]) * 2**speaker


def _save(folder: Path, model: onnx.ModelProto, config: dict[str, Any]) -> None:
    """Write a voice with its description."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{folder.name}.onnx", folder / f"{folder.name}.onnx.json"]
    onnx.save(model, str(paths[0]))
    paths[1].write_text(json.dumps(config, ensure_ascii=False, indent=2), encoding="utf-8")
    tag = config["language"]["code"].replace("_", "-")
    weights = Weights(
        name=folder.name,
        engine="tts_piper",
        profiles=PROFILES,
        license="Apache-2.0",
        memory_mib=dict.fromkeys(PROFILES, 100),
        parameters={
            "languages": " ".join([tag] * max(1, len(config["speaker_id_map"]))),
            "voices": " ".join(config["speaker_id_map"] or [folder.name]),
            "sample_rate_hertz": str(config["audio"]["sample_rate"]),
        },
        files={path.name: describe_file(path) for path in paths},
        folder=folder,
    )
    write_weights(weights)


def _config(language: str, quality: str, sample_rate_hertz: int, speakers: Sequence[str]) -> dict[str, Any]:
    """The fields of a Piper voice's JSON file."""
    base, _, region = language.partition("-")
    return {
        "audio": {"sample_rate": sample_rate_hertz, "quality": quality},
        "espeak": {"voice": language},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_map": {},
        "phoneme_id_map": {symbol: [index] for symbol, index in SYMBOL_IDS.items()},
        "num_symbols": TABLE_SIZE,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": {name: index for index, name in enumerate(speakers)},
        "piper_version": "1.0.0",
        "language": {"code": f"{base}_{region.upper()}" if region else base, "family": base, "region": region.upper()},
    }


def _tiny_model(speaker_count: int) -> onnx.ModelProto:
    """Sample t belongs to the id at t / (512 · scales[1]); its tone is read from tables by id."""
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, ["batch_size", "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch_size"]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    nodes = [
        helper.make_node("Gather", ["scales", "one"], ["length_scale"]),
        helper.make_node("Mul", ["length_scale", "symbol_samples"], ["exact_samples"]),
        helper.make_node("Round", ["exact_samples"], ["whole_samples"]),
        helper.make_node("Cast", ["whole_samples"], ["samples"], to=TensorProto.INT64),
        helper.make_node("Gather", ["input_lengths", "zero"], ["count"]),
        helper.make_node("Mul", ["samples", "count"], ["total"]),
        helper.make_node("Range", ["zero", "total", "one"], ["time"]),
        helper.make_node("Div", ["time", "samples"], ["place"]),
        helper.make_node("Gather", ["input", "zero"], ["ids"], axis=0),
        helper.make_node("Gather", ["ids", "place"], ["id"]),
        helper.make_node("Gather", ["tones", "id"], ["tone"]),
        helper.make_node("Gather", ["amplitudes", "id"], ["amplitude"]),
        helper.make_node("Cast", ["time"], ["clock"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["clock", "tone"], ["phase"]),
    ]
    phase = "phase"
    if speaker_count > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, ["batch_size"]))
        nodes += [
            helper.make_node("Gather", ["octaves", "sid"], ["octave"]),
            helper.make_node("Mul", ["phase", "octave"], ["high_phase"]),
        ]
        phase = "high_phase"
    nodes += [
        helper.make_node("Sin", [phase], ["wave"]),
        helper.make_node("Mul", ["wave", "amplitude"], ["sound"]),
        helper.make_node("Unsqueeze", ["sound", "leading"], ["output"]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch_size", 1, 1, "time"])
    graph = helper.make_graph(nodes, "tiny_voice", inputs, [output], _tiny_tables(speaker_count))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def _tiny_tables(speaker_count: int) -> list[onnx.TensorProto]:
    """The constants of the tiny voice."""
    hertz = np.zeros(TABLE_SIZE)
    hertz[: len(SYMBOLS)] = [tiny_hertz(symbol) for symbol in SYMBOLS]
    tables: dict[str, np.ndarray[Any, Any]] = {
        "zero": np.array(0, np.int64),
        "one": np.array(1, np.int64),
        "symbol_samples": np.array(TINY_SYMBOL_SAMPLES, np.float32),
        "leading": np.array([0, 1, 2], np.int64),
        "tones": (2 * np.pi * hertz / SAMPLE_RATE_HERTZ).astype(np.float32),
        "amplitudes": np.where(hertz > 0, TINY_AMPLITUDE, 0).astype(np.float32),
    }
    if speaker_count > 1:
        tables["octaves"] = 2 ** np.arange(speaker_count, dtype=np.float32)
    return [numpy_helper.from_array(array, name) for name, array in tables.items()]
