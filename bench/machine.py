"""The machine that a benchmark ran on, as far as it bears on the figures."""

import importlib.metadata
import os
import platform
from pathlib import Path

import psutil

_LIBRARIES = ("grpcio", "protobuf", "numpy", "onnxruntime", "ctranslate2", "faster-whisper", "nvidia-pytriton")


def machine_facts() -> dict[str, object]:
    """What to know beside the figures; nothing that names the machine."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "libraries": _versions(),
        "load_average_before": round(os.getloadavg()[0], 2),  # a busy machine's figures say little
    }


def _versions() -> dict[str, str]:
    """Of the libraries that are installed."""
    installed = {distribution.name: distribution.version for distribution in importlib.metadata.distributions()}
    return {name: installed[name] for name in _LIBRARIES if name in installed}


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
