import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livetranslate.weights import Weights, damage, describe_file, read_weights, write_weights
from tests.livetranslate.cli.conftest import Livetranslate
from tests.livetranslate.hub.loopback_hub import LoopbackHub, loopback_hub, make_it_the_hub

ROOT = Path(__file__).parents[3]
MANIFEST = """
[opus-en-es]
engine = "mt_ct2"
repo = "some/opus"
revision = "main"
profiles = ["cpu", "gpu"]
default_for = ["cpu"]
license = "Apache-2.0"
commercial_use = "yes"
attribution = "Somebody"
size_mib = 1
memory_mib = { cpu = 100 }
parameters = { language_pairs = "en-es" }
files = { "model.bin" = {} }

[nllb]
engine = "mt_ct2"
repo = "some/nllb"
revision = "main"
profiles = ["gpu"]
license = "CC-BY-NC-4.0"
commercial_use = "no"
attribution = "Somebody else"
note = "Ask them."
size_mib = 600
memory_mib = { gpu = 100 }
parameters = { language_pairs = "en-es en-fr en-de en-vi es-en" }
files = { "model.bin" = {} }
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _: None)
    with loopback_hub() as running:
        make_it_the_hub(running, monkeypatch)
        running.repos = {"some/opus": {"model.bin": b"opus"}, "some/nllb": {"model.bin": b"nllb"}}
        yield running


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where weights are installed; the manifest offers two."""
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "manifest.toml").write_text(MANIFEST)
    monkeypatch.setenv("LIVETRANSLATE_MODEL_REPOSITORY", str(tmp_path / "repository"))
    monkeypatch.setenv("LIVETRANSLATE_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_profile_is_pulled(livetranslate: Livetranslate, hub: LoopbackHub, models: Path) -> None:
    """Its set, with the licence of each; a second time there is nothing to do."""
    done = livetranslate("models", "pull", "--profile", "cpu")
    assert (done.code, done.out) == (0, "opus-en-es: installed, Apache-2.0\n")
    assert damage(read_weights(models / "opus-en-es")) is None
    assert livetranslate("models", "pull", "--profile", "cpu").out == "opus-en-es: was installed before\n"


def test_a_terminal_shows_what_has_come(
    livetranslate: Livetranslate, hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all files together."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    done = livetranslate("models", "pull", "opus-en-es")
    assert "4/4 bytes" in done.err
    assert done.out == "opus-en-es: installed, Apache-2.0\n"


def test_what_is_not_free_is_accepted_first(livetranslate: Livetranslate, hub: LoopbackHub, models: Path) -> None:
    """The refusal says why, and the command that accepts it."""
    done = livetranslate("models", "pull", "nllb", "opus-en-es")
    assert done.code == 1
    assert "nllb is under CC-BY-NC-4.0. Commercial use: no. Ask them." in done.err
    assert "livetranslate models pull --accept-license nllb opus-en-es" in done.err
    assert not hub.requests
    assert livetranslate("models", "pull", "nllb", "--accept-license").out == "nllb: installed, CC-BY-NC-4.0\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["opus"], "There are no weights opus. There are: opus-en-es, nllb."),
        (["--profile", "embedded"], "Profile 'embedded' has no set of weights."),
        (["--force"], "Name weights, or a profile"),
    ],
)
def test_a_wrong_pull_says_what_there_is(
    livetranslate: Livetranslate, hub: LoopbackHub, arguments: list[str], problem: str
) -> None:
    """In a sentence."""
    done = livetranslate("models", "pull", *arguments)
    assert done.code == 1
    assert problem in done.err


def test_a_failed_pull_is_explained(livetranslate: Livetranslate, hub: LoopbackHub) -> None:
    """As a sentence, not as a traceback."""
    hub.gated.add("some/opus")
    done = livetranslate("models", "pull", "opus-en-es")
    assert done.code == 1
    assert done.err.startswith("livetranslate: http://127.0.0.1")
    assert "Traceback" not in done.err


def test_the_list(livetranslate: Livetranslate, hub: LoopbackHub, models: Path) -> None:
    """A line for each with tabs in a pipe; what somebody has put there by hand comes last."""
    livetranslate("models", "pull", "opus-en-es")
    _install_by_hand(models / "mine")
    rows = [line.split("\t") for line in livetranslate("models", "list").out.splitlines()]
    assert rows == [
        ["yes", "opus-en-es", "mt_ct2", "en-es", "1 MiB", "Apache-2.0", "yes", "cpu gpu"],
        ["", "nllb", "mt_ct2", "en-es en-fr en-de and 2 more", "600 MiB", "CC-BY-NC-4.0", "no", "gpu"],
        ["yes", "mine", "tts_piper", "eo", "0 MiB", "MIT", "", "cpu"],
    ]
    assert "nllb" not in livetranslate("models", "list", "--profile", "cpu").out


def test_a_list_for_no_profile_says_which_there_are(livetranslate: Livetranslate) -> None:
    """An empty list would look as if there were nothing for it."""
    done = livetranslate("models", "list", "--profile", "cuda")
    assert done.code == 1
    assert "No weights are for a profile 'cuda'. There are: cpu, gpu." in done.err


def test_the_list_on_a_terminal(livetranslate: Livetranslate, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table with headings, and where weights are."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "150")
    out = livetranslate("models", "list").out
    assert out.index("commercial use") < out.index("opus-en-es") < out.index("nllb") < out.index("Installed in")


def test_damage_is_found(livetranslate: Livetranslate, hub: LoopbackHub, models: Path) -> None:
    """And the command that mends it, which does."""
    livetranslate("models", "pull", "opus-en-es")
    assert livetranslate("models", "verify").out == "opus-en-es: whole\n"
    (models / "opus-en-es" / "model.bin").write_bytes(b"oops")
    done = livetranslate("models", "verify", "opus-en-es")
    assert done.code == 1
    assert "was changed" in done.out
    assert "livetranslate models pull --force opus-en-es" in done.err
    livetranslate("models", "pull", "--force", "opus-en-es")
    assert livetranslate("models", "verify").code == 0


def test_what_is_not_installed_is_not_verified(livetranslate: Livetranslate) -> None:
    """It is named."""
    done = livetranslate("models", "verify", "nllb")
    assert done.code == 1
    assert "nllb is not installed. There are: none." in done.err


def test_weights_are_removed(livetranslate: Livetranslate, hub: LoopbackHub, models: Path) -> None:
    """Those that were named."""
    livetranslate("models", "pull", "opus-en-es")
    assert livetranslate("models", "remove", "opus-en-es").out == "Removed opus-en-es.\n"
    assert not (models / "opus-en-es").exists()
    assert "is not installed" in livetranslate("models", "remove", "opus-en-es").err


def test_licenses(livetranslate: Livetranslate) -> None:
    """The page that the documentation has."""
    out = livetranslate("models", "licenses").out
    assert out.startswith("# Licences of the weights")
    assert out.endswith("- `nllb`: Ask them.\n")


def test_a_mirror_is_a_setting(hub: LoopbackHub, models: Path) -> None:
    """HF_ENDPOINT counts in the command as it is run."""
    environment = os.environ | {"HF_ENDPOINT": hub.address}
    command = [sys.executable, "-m", "livetranslate", "models", "pull", "opus-en-es"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout == "opus-en-es: installed, Apache-2.0\n"
    assert (models / "opus-en-es" / "model.bin").read_bytes() == b"opus"


def test_what_a_triton_serves_is_rendered(
    livetranslate: Livetranslate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The models of a profile, each with the code of its engine; never over something else."""
    monkeypatch.setenv("LIVETRANSLATE_MODEL_REPOSITORY", str(ROOT / "bench" / "models"))
    done = livetranslate("models", "render", "--profile", "null", str(tmp_path / "served"))
    assert done.out.split() == ["asr_null", "mt_null", "tts_null"]
    assert (tmp_path / "served" / "mt_null" / "1" / "model.py").is_file()
    done = livetranslate("models", "render", "--profile", "null", str(tmp_path / "served"))
    assert done.code == 1
    assert "is not empty" in done.err


def test_how_many_processes_a_model_has_is_said(
    livetranslate: Livetranslate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an option or its variable, for a container sees the cores of its whole host."""
    monkeypatch.setenv("LIVETRANSLATE_MODEL_REPOSITORY", str(ROOT / "model_repository"))
    monkeypatch.setenv("LIVETRANSLATE_MODEL_INSTANCES", "5")
    livetranslate("models", "render", "--profile", "embedded", str(tmp_path / "by_variable"))
    livetranslate("models", "render", "--profile", "embedded", "--instances", "3", str(tmp_path / "by_option"))
    for folder, count in (("by_variable", 5), ("by_option", 3)):
        assert f"count: {count}" in (tmp_path / folder / "tts_espeak" / "config.pbtxt").read_text(encoding="utf-8")


def _install_by_hand(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "voice.onnx").write_bytes(b"voice")
    write_weights(
        Weights(
            name=folder.name,
            engine="tts_piper",
            profiles=("cpu",),
            license="MIT",
            parameters={"languages": "eo"},
            files={"voice.onnx": describe_file(folder / "voice.onnx")},
            folder=folder,
        )
    )
