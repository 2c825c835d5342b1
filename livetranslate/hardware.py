"""What this machine can compute with."""

import ctypes.util
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SMI_TIMEOUT_SECONDS: Final = 10
_WANTED_FEATURES: Final = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm")
"""Instructions that neural networks run faster with: those of x86, then those of ARM."""
_FAST_FEATURES: Final = frozenset({"avx2", "asimd"})
_MIB: Final = 2**20

CUDA_LIBRARIES: Final = ("cublas", "cudnn")
"""What models load on a GPU, beside an ONNX Runtime for CUDA."""


@dataclass(frozen=True, slots=True)
class NvidiaGpu:
    """A GPU that the driver knows.

    Attributes:
        name: As the driver says it.
        memory_mib: All its memory.
        free_mib: What nobody uses now.
    """

    name: str
    memory_mib: int
    free_mib: int


@dataclass(frozen=True, slots=True)
class OpenVinoDevice:
    """A device that OpenVINO can use, such as `CPU`, `GPU.0` or `NPU`."""

    device: str
    name: str

    @property
    def is_accelerator(self) -> bool:
        """Whether it is more than the processor."""
        return not self.device.startswith("CPU")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was found.

    Attributes:
        cores: Processor cores that this process may use.
        memory_mib: The machine's memory.
        features: The processor's instructions for neural networks.
        gpus: NVIDIA GPUs.
        openvino: OpenVINO's devices; none where it is not installed.
        has_cuda: Whether all is installed that models need on an NVIDIA GPU.
    """

    cores: int
    memory_mib: int
    features: tuple[str, ...] = ()
    gpus: tuple[NvidiaGpu, ...] = ()
    openvino: tuple[OpenVinoDevice, ...] = ()
    has_cuda: bool = False

    @property
    def has_fast_processor(self) -> bool:
        """Whether neural networks run at a useful speed on the processor."""
        return not _FAST_FEATURES.isdisjoint(self.features)


def find_hardware() -> Hardware:
    """Looks at this machine."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MIB
    features = processor_features(Path("/proc/cpuinfo"))
    gpus = nvidia_gpus()
    has_cuda = bool(gpus) and all(map(cuda_library, CUDA_LIBRARIES)) and has_cuda_onnxruntime()
    return Hardware(len(os.sched_getaffinity(0)), memory, features, gpus, openvino_devices(), has_cuda)


def available_memory_mib(
    meminfo: Path = Path("/proc/meminfo"), container_limit: Path = Path("/sys/fs/cgroup/memory.max")
) -> int:
    """The memory that programs can still have, at most what this container may have; 0 where nobody says."""
    try:
        available = re.search(r"^MemAvailable:\s*(\d+) kB$", meminfo.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:  # not Linux
        return 0
    try:
        limit = container_limit.read_text(encoding="utf-8").strip()
    except OSError:  # no container
        limit = ""
    available_mib = int(available[1]) // 1024 if available else 0
    return min(available_mib, int(limit) // _MIB) if limit.isdecimal() else available_mib


def processor_features(cpuinfo: Path) -> tuple[str, ...]:
    """The instructions of interest that the first processor in Linux's list has."""
    try:
        text = cpuinfo.read_text(encoding="utf-8")
    except OSError:  # not Linux
        return ()
    line = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    had = line[1].split() if line else ()
    return tuple(feature for feature in _WANTED_FEATURES if feature in had)


def nvidia_gpus() -> tuple[NvidiaGpu, ...]:
    """What NVIDIA's driver reports; nothing where there is none, or where it does not work."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    argv = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        run = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=_SMI_TIMEOUT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = run.stdout.splitlines() if run.returncode == 0 else []
    return tuple(gpu for line in lines if (gpu := _gpu(line.split(","))) is not None)


def cuda_library(name: str) -> str:
    """What a CUDA library comes from, a package or the system's file; empty where there is none."""
    is_packaged = importlib.util.find_spec("nvidia") and importlib.util.find_spec(f"nvidia.{name}")
    return f"nvidia-{name}" if is_packaged else ctypes.util.find_library(name) or ""


def has_cuda_onnxruntime() -> bool:
    """Whether the ONNX Runtime that is installed can use NVIDIA GPUs: there are packages with and without."""
    if importlib.util.find_spec("onnxruntime") is None:
        return False
    import onnxruntime  # noqa: PLC0415 - slow to load, and only of interest beside a GPU

    return "CUDAExecutionProvider" in onnxruntime.get_available_providers()


def openvino_devices() -> tuple[OpenVinoDevice, ...]:
    """What OpenVINO can use; nothing where it is not installed, or does not work."""
    if importlib.util.find_spec("openvino") is None:
        return ()
    found: list[OpenVinoDevice] = []
    with suppress(ImportError, RuntimeError):  # its libraries, or a device's driver, do not work here
        from openvino import Core  # noqa: PLC0415 - an extra, and slow to load

        core = Core()
        for device in core.available_devices:
            found.append(OpenVinoDevice(device, str(core.get_property(device, "FULL_DEVICE_NAME"))))  # noqa: PERF401
    return tuple(found)


def _gpu(fields: Sequence[str]) -> NvidiaGpu | None:
    """A line of the driver's report; None where it says that it does not know."""
    try:
        *name, memory, free = fields
        return NvidiaGpu(",".join(name).strip(), int(memory), int(free))
    except ValueError:
        return None
