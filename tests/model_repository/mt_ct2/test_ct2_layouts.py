import json
from pathlib import Path
from typing import Any

import pytest

from bench.weights.pieces import SPACE, save_pieces
from tests.model_repository.loading import load_sibling

ct2_layouts = load_sibling("mt_ct2", "ct2_layouts")
FILES = ("source.spm", "target.spm", "src.spm.model", "tgt.spm.model", "sentencepiece.bpe.model")
CODES = {"en": "eng_Latn", "es": "spa_Latn"}


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with the files of all families, but the models themselves."""
    for name in FILES:
        save_pieces(tmp_path / name, [f"{SPACE}dog", f"{SPACE}perro"])
    return tmp_path


def tokenizer(weights: Path, tokenization: str, codes: dict[str, str] | None = None) -> Any:
    return ct2_layouts.Tokenizer(weights, tokenization, codes or {})


@pytest.mark.parametrize(
    ("tokenization", "codes", "source", "target"),
    [
        ("opus", {}, [f"{SPACE}dog", "</s>"], [f"{SPACE}perro"]),
        ("quickmt", {}, [f"{SPACE}dog", "</s>"], [f"{SPACE}perro"]),
        ("opus_many", {"es": "spa"}, [">>spa<<", f"{SPACE}dog", "</s>"], [f"{SPACE}perro"]),
        ("nllb", CODES, ["eng_Latn", f"{SPACE}dog", "</s>"], ["spa_Latn", f"{SPACE}perro"]),
        ("m2m100", {}, ["__en__", f"{SPACE}dog", "</s>"], ["__es__", f"{SPACE}perro"]),
        ("small100", {}, ["__es__", f"{SPACE}dog", "</s>"], [f"{SPACE}perro"]),
    ],
)
def test_each_family_names_languages_its_own_way(
    weights: Path, tokenization: str, codes: dict[str, str], source: list[str], target: list[str]
) -> None:
    """As the models of the family were trained."""
    cut = tokenizer(weights, tokenization, codes)
    assert cut.source_tokens("dog", "en", "es") == source
    assert cut.target_tokens("perro", "en", "es") == target


def test_the_end_is_added_once(weights: Path) -> None:
    """Where the engine adds it, as it does for models converted from Marian's own files, it is not added here."""
    (weights / "config.json").write_text(json.dumps({"add_source_eos": True, "eos_token": "</s>"}))
    assert tokenizer(weights, "opus").source_tokens("dog", "en", "es") == [f"{SPACE}dog"]


def test_tokens_become_text(weights: Path) -> None:
    """Those that stand for no text are left out."""
    assert tokenizer(weights, "nllb").text(["spa_Latn", f"{SPACE}perro", "<unk>", f"{SPACE}dog"]) == "perro dog"


def test_what_cannot_be_loaded_is_named(weights: Path) -> None:
    """A family that is unknown, and a file that is missing."""
    with pytest.raises(ValueError, match="'marian' is none of: opus opus_many"):
        tokenizer(weights, "marian")
    (weights / "target.spm").unlink()
    with pytest.raises(RuntimeError, match=r"target\.spm"):
        tokenizer(weights, "opus")
