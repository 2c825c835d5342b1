import json
from dataclasses import replace
from pathlib import Path

import pytest

from livetranslate.weights import (
    Weights,
    WeightsError,
    damage,
    default_models_folder,
    describe_file,
    find_weights,
    read_weights,
    write_weights,
)


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    """Installed weights of one file."""
    folder = tmp_path / "opus-en-es"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"0123456789")
    installed = Weights(
        name="opus-en-es",
        engine="mt_ct2",
        profiles=("cpu", "gpu"),
        license="Apache-2.0",
        memory_mib={"cpu": 100},
        parameters={"language_pairs": "en-es"},
        files={"model.bin": describe_file(folder / "model.bin")},
        folder=folder,
    )
    write_weights(installed)
    return installed


def test_weights_describe_themselves(weights: Weights, tmp_path: Path) -> None:
    """What was written is read, also among others."""
    assert read_weights(weights.folder) == weights
    assert find_weights(tmp_path) == [weights]
    assert find_weights(tmp_path / "nowhere") == []


def test_a_model_is_named_after_task_and_weights(weights: Weights) -> None:
    """In characters that suit a metric's label."""
    assert weights.model_name == "mt_opus_en_es"
    assert replace(weights, name="Whisper-large.v3", engine="asr_whisper").model_name == "asr_whisper_large_v3"


@pytest.mark.parametrize("description", ["nonsense", "[]", '{"name": "x"}', '{"profiles": ["cpu"], "what": 1}'])
def test_a_wrong_description_is_named(weights: Weights, description: str) -> None:
    """With the file, so that somebody can mend it."""
    (weights.folder / "weights.json").write_text(description)
    with pytest.raises(WeightsError, match=r"weights\.json"):
        read_weights(weights.folder)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "../../etc/x"),
        ("name", ".partial"),
        ("profiles", "cpu"),
        ("parameters", {"rank": 5}),
        ("parameters", ["rank"]),
        ("memory_mib", {"cpu": "300"}),
        ("files", {"../secret": {"sha256": "", "size_bytes": 1}}),
        ("files", {"/etc/passwd": {"sha256": "", "size_bytes": 1}}),
    ],
)
def test_a_description_that_cannot_be_is_refused(weights: Weights, key: str, value: object) -> None:
    """Weights that somebody gave away name no folder and no file but their own, and nothing else fails later."""
    path = weights.folder / "weights.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    with pytest.raises(WeightsError, match=r"weights\.json does not describe weights: .* Pull them again, or mend it"):
        read_weights(weights.folder)


def test_whole_weights_are_undamaged(weights: Weights) -> None:
    """Sizes and digests agree."""
    assert damage(weights) is None


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "is missing"), (b"short", "has 5 bytes"), (b"9876543210", "was changed")]
)
def test_damage_is_found(weights: Weights, content: bytes | None, problem: str) -> None:
    """Whatever happened to a file, it is named."""
    path = weights.folder / "model.bin"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert problem in str(damage(weights))
    assert "model.bin" in str(damage(weights))


def test_a_setting_says_where_weights_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Else they are beside the data."""
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path))
    assert default_models_folder() == tmp_path
    monkeypatch.delenv("LIVETRANSLATE_MODELS_DIR")
    assert default_models_folder().name == "models"
