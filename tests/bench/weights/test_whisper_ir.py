import json
from pathlib import Path

import pytest
from openvino import Core

from bench.weights.whisper_ir import save_tone_whisper_ir
from livetranslate.weights import damage, read_weights

# What optimum-intel calls them, and what every program that runs its exports looks for.
DECODER_INPUTS = {"input_ids", "encoder_hidden_states", "beam_idx"}


@pytest.mark.parametrize("is_old", [False, True])
def test_files_are_named_as_exported_ones_are(tmp_path: Path, is_old: bool) -> None:
    """Two graphs, a tokenizer, and what is said of them; the decoder keeps its state to itself."""
    save_tone_whisper_ir(tmp_path, is_old=is_old)
    weights = read_weights(tmp_path)
    assert damage(weights) is None
    assert weights.model_name == "asr_whisper_tones_ov"
    core = Core()
    encoder = core.read_model(tmp_path / "openvino_encoder_model.xml")
    decoder = core.read_model(tmp_path / "openvino_decoder_model.xml")
    assert [port.any_name for port in (*encoder.inputs, *encoder.outputs)] == ["input_features", "last_hidden_state"]
    assert {port.any_name for port in decoder.inputs} == DECODER_INPUTS | ({"cache_position"} if is_old else set())
    assert [port.any_name for port in decoder.outputs] == ["logits"]
    assert len(decoder.get_sinks()) == 8  # keys and values of two layers, of tokens and of audio


def test_special_tokens_are_where_they_really_are(tmp_path: Path) -> None:
    """As in every multilingual Whisper before large-v3."""
    save_tone_whisper_ir(tmp_path)
    config = json.loads((tmp_path / "generation_config.json").read_text(encoding="utf-8"))
    assert config["eos_token_id"] == 50_257
    assert config["decoder_start_token_id"] == 50_258
    assert config["lang_to_id"]["<|en|>"] == 50_259
    assert config["task_to_id"] == {"transcribe": 50_359, "translate": 50_358}
    assert config["prev_sot_token_id"] == 50_361
    assert config["no_timestamps_token_id"] == 50_363
