from pathlib import Path

import pytest

from livetranslate.cli.budget import chosen_budget_mib
from livetranslate.weights import Weights, write_weights


@pytest.fixture(autouse=True)
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two translators, of 6,000 and 1,000 MiB on a GPU that has 5,000 MiB free; on processors they take nothing."""
    driver = tmp_path / "nvidia-smi"
    driver.write_text("#!/bin/sh\necho 'NVIDIA A2, 15356, 9000'; echo 'NVIDIA A2, 15356, 5000'\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path / "models"))
    for variable in ("LIVETRANSLATE_MODEL_BUDGET_MIB", "LIVETRANSLATE_TRITON_URL", "LIVETRANSLATE_MODEL_REPOSITORY"):
        monkeypatch.delenv(variable, raising=False)
    for name, size_mib in (("large", 6000), ("small", 1000)):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        memory_mib, profiles = {"gpu": size_mib}, ("cpu", "gpu")
        write_weights(
            Weights(name=name, engine="mt_ct2", profiles=profiles, license="MIT", memory_mib=memory_mib, folder=folder)
        )
    return tmp_path / "models"


def test_what_may_not_fit_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """In a line, with the model that is too large for itself; the GPU with the least memory counts."""
    assert chosen_budget_mib("gpu") == 4000
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "The models take 7,000 MiB together, and 5,000 MiB of the GPU's memory are free: they are loaded when they are "
        "needed, within 4,000 MiB, without mt_large. LIVETRANSLATE_MODEL_BUDGET_MIB sets another budget; 0: none."
    )


def test_what_fits_is_loaded_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to tell."""
    assert chosen_budget_mib("cpu") == 0
    assert not capsys.readouterr().err


@pytest.mark.parametrize("budget", ["0", "3000"])
def test_the_setting_wins(monkeypatch: pytest.MonkeyPatch, budget: str) -> None:
    """Also where it says that there is no limit."""
    monkeypatch.setenv("LIVETRANSLATE_MODEL_BUDGET_MIB", budget)
    assert chosen_budget_mib("gpu") == int(budget)


def test_a_triton_of_somebody_elses_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its models are loaded there."""
    monkeypatch.setenv("LIVETRANSLATE_TRITON_URL", "127.0.0.1:8001")
    assert chosen_budget_mib("gpu") == 0
