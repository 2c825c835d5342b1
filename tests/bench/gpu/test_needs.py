import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.gpu.needs import cuda_environment, missing_for_cuda, missing_packages

ROOT = Path(__file__).parents[3]


def test_packages_that_are_missing_are_named() -> None:
    """As they are installed."""
    assert missing_packages() == ""
    assert missing_packages(["numpy", "no_such_package"]).endswith("pip install no-such-package")


def test_a_gpu_that_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to try the code without one."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "--device cpu" in missing_for_cuda(0)


def test_libraries_that_are_missing_are_told(gpu_driver: None) -> None:
    """A driver alone does not compute."""
    assert "libnothing.so.12" in missing_for_cuda(0, "libnothing.so.12")
    assert missing_for_cuda(0, "libc.so.6") == ""


@pytest.mark.parametrize("gpu", [-1, 1])
def test_a_gpu_that_nobody_knows_is_told(gpu_driver: None, gpu: int) -> None:
    """Together with those that there are."""
    assert "0 to 0" in missing_for_cuda(gpu)


def test_installed_libraries_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, however often it is asked."""
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/cuda/lib")
    (tmp_path / "nvidia" / "cublas" / "lib").mkdir(parents=True)
    environment = cuda_environment(1, tmp_path)
    assert environment["LD_LIBRARY_PATH"] == f"{tmp_path}/nvidia/cublas/lib:/opt/cuda/lib"
    assert environment["CUDA_VISIBLE_DEVICES"] == "1"
    monkeypatch.setattr(os, "environ", environment)
    assert cuda_environment(1, tmp_path) == environment


def test_nothing_is_searched_where_nothing_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own libraries are found without."""
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert "LD_LIBRARY_PATH" not in cuda_environment(0, tmp_path)


def test_nothing_of_the_services_is_needed() -> None:
    """Only where Triton is measured is there more to load."""
    program = "import sys, bench.gpu.measure; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(run.stdout.split())
    assert "ctranslate2" in loaded
    assert not loaded & {"tritonclient", "grpc", "asyncpg", "sqlalchemy", "pydantic", "structlog", "opentelemetry"}
