from dataclasses import replace
from pathlib import Path

import pytest

from livetranslate.hardware import Hardware, NvidiaGpu, OpenVinoDevice
from livetranslate.stack.profiles import EMBEDDED, choose_profile, missing_models
from livetranslate.weights import Weights, write_weights

GPU = (NvidiaGpu("NVIDIA H200", 143_771, 140_001),)
ARC = (OpenVinoDevice("CPU", "Intel Core"), OpenVinoDevice("GPU.0", "Intel Arc"))
PLAIN = Hardware(8, 16_000, ("avx2", "fma"), openvino=ARC[:1])
ALL = Hardware(8, 16_000, ("avx2", "fma"), GPU, ARC, has_cuda=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An engine of each kind that needs weights."""
    for name in ("asr_some", "mt_some", "tts_some"):
        version = tmp_path / "repository" / name / "1"
        version.mkdir(parents=True)
        (version / "model.py").touch()
        (version.parent / "config.pbtxt").write_text(
            """
            backend: "python"
            instance_group [ { count: 1 kind: KIND_CPU } ]
            parameters { key: "profile" value { string_value: "cpu openvino gpu" } }
            parameters { key: "weights" value { string_value: "required" } }
            """
        )
    return tmp_path / "repository"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where weights are installed: none yet."""
    return tmp_path / "models"


def install(models: Path, *engines: str, profiles: tuple[str, ...] = ("cpu", "openvino", "gpu")) -> None:
    """Puts weights for engines there."""
    for engine in engines:
        folder = models / f"for-{engine}"
        folder.mkdir(parents=True)
        write_weights(Weights(name=folder.name, engine=engine, profiles=profiles, license="MIT", folder=folder))


@pytest.mark.parametrize(
    ("hardware", "profile"),
    [
        (ALL, "gpu"),
        (Hardware(8, 16_000, ("avx2",), (), ARC), "openvino"),
        (PLAIN, "cpu"),
        (replace(PLAIN, gpus=GPU), "cpu"),
        (Hardware(8, 16_000, ("asimd",)), "cpu"),
        (Hardware(8, 16_000), EMBEDDED),
        (Hardware(8, 1_000, ("avx2",)), EMBEDDED),
    ],
)
def test_the_best_that_the_hardware_carries(repository: Path, models: Path, hardware: Hardware, profile: str) -> None:
    """A GPU before OpenVINO's devices, before the processor."""
    install(models, "asr_some", "mt_some", "tts_some")
    assert choose_profile(hardware, repository, models).profile == profile


def test_what_was_passed_over_is_explained(repository: Path, models: Path) -> None:
    """Each better profile with what it lacks."""
    choice = choose_profile(PLAIN, repository, models)
    assert choice.profile == EMBEDDED
    assert list(choice.passed_over) == ["gpu", "openvino", "cpu"]
    assert choice.passed_over["gpu"] == "there is no NVIDIA GPU"
    without_cuda = choose_profile(replace(PLAIN, gpus=GPU), repository, models).passed_over["gpu"]
    assert without_cuda == "the GPU needs the libraries of CUDA: pip install 'livetranslate[gpu]'"
    assert choice.passed_over["openvino"] == "OpenVINO sees no Intel GPU or NPU"
    assert choice.passed_over["cpu"].endswith("livetranslate models pull --profile cpu")


def test_models_must_be_of_each_kind(repository: Path, models: Path) -> None:
    """A profile without a voice is not complete."""
    install(models, "asr_some", "mt_some")
    assert missing_models("cpu", repository, models).startswith("it has no voice: ")
    assert choose_profile(PLAIN, repository, models).profile == EMBEDDED


def test_models_of_another_profile_do_not_count(repository: Path, models: Path) -> None:
    """A machine with a GPU and models for the processor uses the processor."""
    install(models, "asr_some", "mt_some", "tts_some", profiles=("cpu",))
    choice = choose_profile(ALL, repository, models)
    assert choice.profile == "cpu"
    assert "livetranslate models pull --profile gpu" in choice.passed_over["gpu"]
    assert choice.reason == "8 cores have avx2 fma, and models for it are installed"
