import json
from pathlib import Path
from typing import Any

import pytest

from bench.weights.voice import save_tiny_voice
from tests.model_repository.loading import load_sibling

piper_config = load_sibling("tts_piper", "piper_config")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_tiny_voice(tmp_path / "voice", "es")
    return tmp_path / "voice" / "voice.onnx.json"


def change(path: Path, **fields: Any) -> None:
    """Write other fields; those that are None are left out."""
    config = json.loads(path.read_text()) | fields
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))


def test_a_voice_is_read(path: Path) -> None:
    """Rate, phonemes and scales are those of the file."""
    config = piper_config.read_config(path)
    assert (config.sample_rate_hertz, config.espeak_voice, config.phoneme_type) == (22_050, "es", "espeak")
    assert config.phoneme_id_map["^"] == [1]
    assert (config.noise_scale, config.length_scale, config.noise_w) == (0.667, 1.0, 0.8)
    assert config.speaker_ids == {}


def test_what_older_files_leave_out_is_the_usual(path: Path) -> None:
    """Scales, type and maps have defaults, and there is one speaker."""
    change(path, inference=None, phoneme_type=None, phoneme_map=None, speaker_id_map=None, num_speakers=None)
    config = piper_config.read_config(path)
    assert (config.noise_scale, config.phoneme_type, config.phoneme_map) == (0.667, "espeak", {})


def test_portuguese_voices_have_their_replacement(path: Path) -> None:
    """Their files do not mention it."""
    change(path, espeak={"voice": "pt-br"})
    assert piper_config.read_config(path).phoneme_map == {"c": ("k",)}


def test_speakers_without_names_are_numbers(path: Path) -> None:
    """A voice with several speakers may not name them."""
    change(path, num_speakers=2, speaker_id_map={})
    assert piper_config.read_config(path).speaker_ids == {"0": 0, "1": 1}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"audio": None}, "does not describe"),
        ({"phoneme_id_map": None}, "does not describe"),
        ({"phoneme_id_map": {"a": [1]}}, "lacks _ \\^ \\$"),
        ({"phoneme_type": "pinyin"}, "pinyin"),
    ],
)
def test_what_cannot_be_spoken_is_refused(path: Path, fields: dict[str, Any], message: str) -> None:
    """The error names the file and what is wrong."""
    change(path, **fields)
    with pytest.raises(piper_config.VoiceError, match=message):
        piper_config.read_config(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """Neither a missing file nor something else is a voice."""
    with pytest.raises(piper_config.VoiceError, match="does not describe"):
        piper_config.read_config(tmp_path / "none")
    (tmp_path / "list").write_text("[]")
    with pytest.raises(piper_config.VoiceError, match="does not describe"):
        piper_config.read_config(tmp_path / "list")
