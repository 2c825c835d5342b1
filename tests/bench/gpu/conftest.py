from pathlib import Path

import pytest

from bench.weights.whisper import save_random_whisper
from bench.weights.whisper_tensors import SIZES, WhisperDims

SMALL = WhisperDims(64, 2, 1, 2, inner=64)


@pytest.fixture
def gpu_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver's program that knows one GPU, of which 400 MiB more are in use each time it is asked."""
    program = tmp_path / "nvidia-smi"
    asked = tmp_path / "asked"
    program.write_text(
        f"""#!/bin/sh
case "$1" in
  *driver_version*) echo 575.51.03;;
  *) echo >> {asked}; echo "NVIDIA A2, 15356, $((15000 - 400 * $(wc -l < {asked})))";;
esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Those of a very small Whisper."""
    monkeypatch.setitem(SIZES, "tiny", SMALL)
    save_random_whisper(tmp_path / "whisper-tiny", "tiny")
    return tmp_path / "whisper-tiny"
