import os
import sys
from pathlib import Path

import pytest

from livetranslate.hardware import (
    Hardware,
    NvidiaGpu,
    OpenVinoDevice,
    available_memory_mib,
    find_hardware,
    nvidia_gpus,
    openvino_devices,
    processor_features,
)


def driver(folder: Path, script: str) -> None:
    """A driver's program that answers as the script says."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where programs are found first."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_gpus_are_those_that_the_driver_names(programs: Path) -> None:
    """With their memory, all and free, in MiB."""
    driver(programs, "echo 'NVIDIA H200, 143771, 140001'; echo 'NVIDIA A2, special, 15356, 400'")
    assert nvidia_gpus() == (NvidiaGpu("NVIDIA H200", 143_771, 140_001), NvidiaGpu("NVIDIA A2, special", 15_356, 400))


def test_the_driver_is_asked_for_what_is_read(programs: Path) -> None:
    """Its columns come in the order of the query."""
    driver(programs, f'echo "$@" > {programs}/asked')
    nvidia_gpus()
    asked = (programs / "asked").read_text().split()
    assert asked == ["--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]


@pytest.mark.parametrize(
    "script", ["echo 'NVIDIA-SMI has failed'; exit 9", "echo No devices were found", "echo 'GPU, [N/A], [N/A]'"]
)
def test_a_driver_that_does_not_work_has_no_gpus(programs: Path, script: str) -> None:
    """Whatever it prints instead."""
    driver(programs, script)
    assert nvidia_gpus() == ()


def test_without_a_driver_there_are_no_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to ask."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia_gpus() == ()


@pytest.mark.parametrize(
    ("cpuinfo", "features"),
    [
        (
            "processor : 0\nflags\t\t: fpu sse2 avx2 fma avx512f\n\nprocessor : 1\nflags : avx2\n",
            ("avx2", "fma", "avx512f"),
        ),
        ("processor : 0\nFeatures : fp asimd asimddp crc32\n", ("asimd", "asimddp")),
        ("processor : 0\n", ()),
    ],
)
def test_features_are_those_of_the_first_processor(tmp_path: Path, cpuinfo: str, features: tuple[str, ...]) -> None:
    """As far as neural networks make use of them; x86 and ARM name them in different lines."""
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    assert processor_features(tmp_path / "cpuinfo") == features
    assert Hardware(1, 1, features).has_fast_processor == bool(features)


def test_a_system_that_tells_nothing_has_no_features(tmp_path: Path) -> None:
    """There is no list."""
    assert processor_features(tmp_path / "nothing") == ()


def test_openvino_runs_on_the_processor_at_least() -> None:
    """Which is no accelerator."""
    processor = next(device for device in openvino_devices() if device.device == "CPU")
    assert processor.name
    assert not processor.is_accelerator
    assert OpenVinoDevice("GPU.1", "Intel Arc").is_accelerator


@pytest.mark.parametrize(
    "program",
    [
        "raise ImportError('libtbb.so.12: cannot open shared object file')",
        "class Core:\n    def __init__(self):\n        raise RuntimeError('no plugins.xml')",
        "class Core:\n    available_devices = ['NPU']\n    def get_property(self, *_):\n        raise RuntimeError",
    ],
)
def test_an_openvino_that_does_not_work_has_no_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    """Another profile is served then."""
    (tmp_path / "openvino.py").write_text(program)
    monkeypatch.delitem(sys.modules, "openvino", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    assert openvino_devices() == ()
    sys.modules.pop("openvino", None)  # the real one is loaded again


@pytest.mark.parametrize(("limit", "available_mib"), [(None, 22_842), ("max\n", 22_842), ("2147483648\n", 2048)])
def test_what_is_available_ends_where_the_container_does(tmp_path: Path, limit: str | None, available_mib: int) -> None:
    """Which has a limit or none."""
    (tmp_path / "meminfo").write_text("MemTotal:       24683520 kB\nMemAvailable:   23390208 kB\nSwapTotal: 0 kB\n")
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
    assert available_memory_mib(tmp_path / "meminfo", tmp_path / "memory.max") == available_mib
    assert available_memory_mib(tmp_path / "nothing", tmp_path / "memory.max") == 0


def test_this_machine_is_looked_at() -> None:
    """It has at least what runs this test."""
    hardware = find_hardware()
    assert hardware.cores == len(os.sched_getaffinity(0))
    assert hardware.memory_mib > 100
