from pathlib import Path

import pytest

from livetranslate.stack.budget import automatic_budget_mib, check_budget, default_budget_mib, keeper_environment
from livetranslate.stack.process import StackError

TRITON = {"LIVETRANSLATE_TRITON_URL": "127.0.0.1:8001"}
KEEPER = {"LIVETRANSLATE_KEEPER_URL": "127.0.0.1:50055"}


def test_the_setting_is_a_number_of_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it there is no budget; anything else is refused by name."""
    monkeypatch.delenv("LIVETRANSLATE_MODEL_BUDGET_MIB", raising=False)
    assert default_budget_mib() == 0
    monkeypatch.setenv("LIVETRANSLATE_MODEL_BUDGET_MIB", "6000")
    assert default_budget_mib() == 6000
    monkeypatch.setenv("LIVETRANSLATE_MODEL_BUDGET_MIB", "6 GB")
    with pytest.raises(StackError, match="LIVETRANSLATE_MODEL_BUDGET_MIB='6 GB'"):
        default_budget_mib()


@pytest.mark.parametrize(
    ("models_mib", "free_mib", "budget_mib"),
    [(800, 1000, 0), (801, 1000, 800), (5000, 999, 799), (0, 1000, 0), (5000, 0, 0)],
)
def test_models_that_may_not_fit_have_a_budget(models_mib: int, free_mib: int, budget_mib: int) -> None:
    """Four fifths of what is free; none where all fit into that, or where nobody knows what is free."""
    assert automatic_budget_mib(models_mib, free_mib) == budget_mib


def test_a_budget_is_for_the_triton_that_is_started_here() -> None:
    """For another one, the message says what to start beside it; a keeper needs the Triton that it is beside."""
    check_budget(100, {})
    check_budget(0, TRITON | KEEPER)
    with pytest.raises(StackError, match=r"python -m livetranslate\.keeper"):
        check_budget(100, TRITON)
    with pytest.raises(StackError, match="LIVETRANSLATE_MODEL_BUDGET_MIB"):
        check_budget(0, KEEPER)


def test_the_keeper_reads_what_triton_serves(tmp_path: Path) -> None:
    """The rendered repository, as a whole path."""
    environment = keeper_environment(100, tmp_path)
    assert environment["LIVETRANSLATE_KEEPER_BUDGET_MIB"] == "100"
    assert environment["LIVETRANSLATE_KEEPER_MODEL_REPOSITORY"] == str(tmp_path / "triton" / "models")
