"""The Triton Inference Server binary inside the `nvidia-pytriton` wheel.

The wheel also has a Python API of its own. It is not used: the binary serves the same model repository as the NGC
container does.
"""

import ctypes
import importlib.metadata
import importlib.util
import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from livetranslate.stack.process import StackError

INSTALL = "install the embedded parts: pip install 'livetranslate[embedded]'"


@dataclass(frozen=True)
class TritonWheel:
    """Where the wheel keeps the server and what it needs."""

    binary: Path
    backends: Path
    stub: Path
    site_packages: Path

    def environment(self) -> dict[str, str]:
        """The environment in which the server and the models' processes find their libraries and packages."""
        # The interpreter's own libpython comes before the system's, which may be another build of the same version.
        # What the extra `gpu` brings, engines look for as if it were the system's.
        cuda = map(str, sorted(self.site_packages.glob("nvidia/*/lib")))
        own = str(sysconfig.get_config_var("LIBDIR"))
        libraries = [str(self.site_packages / "nvidia_pytriton.libs"), own, *cuda]
        inherited = os.environ.get("LD_LIBRARY_PATH")
        return {
            **os.environ,
            "LD_LIBRARY_PATH": ":".join([*libraries, inherited] if inherited else libraries),
            # The stub ignores PYTHONPATH; it takes the packages of the first python3 on the PATH.
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        }

    def copy_backends(self, target: Path) -> None:
        """Copies the backends to `target`, with the Python stub of the running interpreter's version."""
        shutil.copytree(self.backends, target)
        shutil.copy(self.stub, target / "python" / self.stub.name)


def find_triton_wheel() -> TritonWheel:
    """Finds the wheel in the running interpreter's packages and checks that it can work there.

    Raises:
        StackError: Something is missing or of the wrong version.
    """
    _check_numpy()
    _check_libpython()
    spec = importlib.util.find_spec("pytriton")
    if spec is None or spec.origin is None:
        raise StackError(f"Triton is not installed; {INSTALL}")
    root = Path(spec.origin).parent / "tritonserver"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    stub = root / "python_backend_stubs" / version / "triton_python_backend_stub"
    if not stub.exists():
        raise StackError(f"this Triton has no backend for Python {version}; use Python 3.11")
    return TritonWheel(root / "bin" / "tritonserver", root / "backends", stub, root.parent.parent)


def _check_numpy() -> None:
    """Refuses numpy 2: with it, models' outputs come back as zero bytes, without an error."""
    try:
        version = importlib.metadata.version("numpy")
    except importlib.metadata.PackageNotFoundError as error:
        raise StackError(f"numpy is not installed; {INSTALL}") from error
    if int(version.split(".")[0]) >= 2:
        raise StackError(f"numpy {version} spoils what Triton's models answer; pip install 'numpy<2'")


def _check_libpython() -> None:
    """Refuses an interpreter without a shared library, which the Python backend's stub loads."""
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    own = Path(str(sysconfig.get_config_var("LIBDIR"))) / name
    try:
        ctypes.CDLL(str(own) if own.exists() else name)
    except OSError as error:
        raise StackError(
            f"Triton's Python backend needs {name}; use a Python with a shared library, e.g. apt-get install "
            f"libpython{sys.version_info.major}.{sys.version_info.minor} or `uv python install 3.11`"
        ) from error
