"""Which profile this machine can carry.

The first of `gpu`, `openvino` and `cpu` is taken for which there is the hardware, and a model of each kind; else
`embedded`, which needs neither.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from livetranslate.hardware import Hardware
from livetranslate.stack.models import find_models, render_models

AUTO: Final = "auto"
EMBEDDED: Final = "embedded"
PROFILES: Final = (AUTO, "gpu", "openvino", "cpu", EMBEDDED)
_CPU_MEMORY_MIB: Final = 3_500  # Whisper base, eight translators and three voices beside the services: about 2.5 GiB
_KINDS: Final = {"asr": "recognizer", "mt": "translator", "tts": "voice"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A profile, and why it is that one.

    Attributes:
        profile: What to serve.
        reason: Why, in a sentence.
        passed_over: Why not the better ones, by profile, best first.
    """

    profile: str
    reason: str
    passed_over: Mapping[str, str]


def choose_profile(hardware: Hardware, model_repository: Path, models_folder: Path) -> Choice:
    """Chooses for this hardware and the models that are installed."""
    passed_over: dict[str, str] = {}
    for profile, (means, obstacle) in _means(hardware).items():
        missing = obstacle or missing_models(profile, model_repository, models_folder)
        if not missing:
            return Choice(profile, f"{means}, and models for it are installed", passed_over)
        passed_over[profile] = missing
    return Choice(EMBEDDED, "it needs neither weights nor a special processor", passed_over)


def missing_models(profile: str, model_repository: Path, models_folder: Path) -> str:
    """Which kinds of models a profile lacks, and after ": " the command that helps; empty where it is complete."""
    with TemporaryDirectory() as folder:
        models = find_models(model_repository, profile, models_folder)
        served = _tasks(render_models(models, Path(folder), instances=1).names)
    missing = [name for task, name in _KINDS.items() if task not in served]
    if not missing:
        return ""
    return f"it has no {' and no '.join(missing)}: livetranslate models pull --profile {profile}"


def _means(hardware: Hardware) -> dict[str, tuple[str, str]]:
    """For each profile what this machine has for it, and else what it lacks."""
    gpus = ", ".join(gpu.name for gpu in hardware.gpus)
    accelerators = ", ".join(device.name for device in hardware.openvino if device.is_accelerator)
    return {
        "gpu": (f"there is {gpus}", _no_gpu(hardware)),
        "openvino": (f"there is {accelerators}", "" if accelerators else "OpenVINO sees no Intel GPU or NPU"),
        "cpu": (f"{hardware.cores} cores have {' '.join(hardware.features)}", _too_weak(hardware)),
    }


def _no_gpu(hardware: Hardware) -> str:
    if not hardware.gpus:
        return "there is no NVIDIA GPU"
    return "" if hardware.has_cuda else "the GPU needs the libraries of CUDA: pip install 'livetranslate[gpu]'"


def _too_weak(hardware: Hardware) -> str:
    if not hardware.has_fast_processor:
        return "the processor has neither AVX2 nor NEON"
    if hardware.memory_mib < _CPU_MEMORY_MIB:
        return f"it needs {_CPU_MEMORY_MIB:,} MiB of memory, and there are {hardware.memory_mib:,}"
    return ""


def _tasks(names: Iterable[str]) -> set[str]:
    return {name.partition("_")[0] for name in names}
