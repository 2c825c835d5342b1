"""Test speech: a synthetic voice that recognizers understand."""

import shutil
import subprocess
import wave
from pathlib import Path

import pytest

SAMPLE_RATE_HERTZ = 16_000


def say(text: str, folder: Path) -> bytes:
    """`text` as s16le samples at 16 kHz."""
    flite = shutil.which("flite")
    if flite is None:
        pytest.skip("apt-get install flite")
    path = folder / "speech.wav"
    subprocess.run([flite, "-voice", "slt", "-t", text, "-o", str(path)], check=True)
    with wave.open(str(path)) as file:
        assert file.getframerate() == SAMPLE_RATE_HERTZ
        return bytes(file.readframes(file.getnframes()))
