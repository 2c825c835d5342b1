"""What the measurement needs of the machine, told before anything is loaded."""

import ctypes
import importlib.util
import os
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from livetranslate.hardware import nvidia_gpus

PACKAGES: Final = ("ctranslate2", "faster_whisper", "numpy", "platformdirs", "psutil", "rich", "tokenizers", "typer")
"""Those of the extra `neural` that Whisper takes, and what a benchmark prints with."""

CUDA_LIBRARY: Final = "libcublas.so.12"
SEARCHED: Final = "LD_LIBRARY_PATH"


def missing_packages(packages: Sequence[str] = PACKAGES) -> str:
    """What to install; empty where all is there."""
    missing = [name.replace("_", "-") for name in packages if importlib.util.find_spec(name) is None]
    return f"these packages are missing: pip install {' '.join(missing)}" if missing else ""


def missing_for_cuda(gpu: int, library: str = CUDA_LIBRARY) -> str:
    """What keeps engines from a GPU; empty where nothing does."""
    if not (gpus := nvidia_gpus()):
        return "nvidia-smi names no GPU; install NVIDIA's driver, or try the code with --device cpu --size tiny"
    if not 0 <= gpu < len(gpus):
        return f"there is no GPU {gpu}; --gpu must be 0 to {len(gpus) - 1}"
    try:
        ctypes.CDLL(library)
    except OSError:
        return f"{library} cannot be loaded; install CUDA 12, or pip install nvidia-cublas-cu12"
    return ""


def cuda_environment(gpu: int, packages: Path | None = None) -> dict[str, str]:
    """What a process finds CUDA's installed packages by, and the GPU that it sees, numbered as nvidia-smi does."""
    folder = packages or Path(sysconfig.get_path("purelib"))
    searched = list(filter(None, os.environ.get(SEARCHED, "").split(":")))
    libraries = [*(path for path in map(str, sorted(folder.glob("nvidia/*/lib"))) if path not in searched), *searched]
    environment = {**os.environ, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": str(gpu)}
    return {**environment, SEARCHED: ":".join(libraries)} if libraries else environment
