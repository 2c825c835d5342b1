from pathlib import Path

import pytest

from livetranslate.stack import StackOptions
from livetranslate.stack.process import StackError
from livetranslate.stack.ranks import check_ranks, default_ranks, read_ranks
from livetranslate.stack.triton import TritonOptions, start_triton
from livetranslate.weights import Weights, write_weights

ROOT = Path(__file__).parents[3]
REPOSITORY = ROOT / "model_repository"


def test_ranks_stand_beside_names() -> None:
    """Any number of them, negative ones too; the last of a name counts."""
    assert read_ranks("") == {}
    assert read_ranks(" mt_apertium=5  mt_llm=-1 mt_apertium=6") == {"mt_apertium": 6, "mt_llm": -1}


@pytest.mark.parametrize("text", ["mt_llm", "mt_llm=", "=5", "mt_llm=first", "mt_llm=1.5", "mt_llm = 5", "mt_llm=5,"])
def test_another_form_is_refused(text: str) -> None:
    """The error names the setting, its value and a right one."""
    with pytest.raises(StackError, match=r"LIVETRANSLATE_MODEL_RANKS='.*NAME=RANK.*mt_apertium=5"):
        read_ranks(text)


def test_a_stack_has_the_ranks_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, the models have their own."""
    monkeypatch.delenv("LIVETRANSLATE_MODEL_RANKS", raising=False)
    assert default_ranks() == {}
    monkeypatch.setenv("LIVETRANSLATE_MODEL_RANKS", "mt_apertium=5")
    assert StackOptions().ranks == {"mt_apertium": 5}


def test_ranks_are_for_models_of_any_profile(tmp_path: Path) -> None:
    """Engines and what is installed for them have names; one setting does for all profiles."""
    (tmp_path / "opus-en-es").mkdir()
    write_weights(
        Weights(name="opus-en-es", engine="mt_ct2", profiles=("cpu",), license="MIT", folder=tmp_path / "opus-en-es")
    )
    check_ranks({"mt_opus_en_es": 1, "mt_apertium": 2}, REPOSITORY, tmp_path)
    with pytest.raises(StackError, match=r"names mt_opus_en_es: there is no such model\. Models: .*mt_apertium"):
        check_ranks({"mt_opus_en_es": 1}, REPOSITORY, None)


def test_nothing_starts_with_the_rank_of_an_unknown_model(tmp_path: Path) -> None:
    """A misspelt name is told, and does not just change nothing."""
    options = TritonOptions(model_repository=REPOSITORY, ranks={"mt_apertum": 1})
    with pytest.raises(StackError, match="names mt_apertum: there is no such model"):
        start_triton(options, tmp_path)
