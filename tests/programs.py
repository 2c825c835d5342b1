"""Programs of operators that tests use where they are installed."""

import os
import shutil
import sys
from pathlib import Path

import pytest


def needed_program(name: str) -> str:
    """Where it is: beside this Python, or on the path; else the test is skipped."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which(name, path=path)
    if program is None:
        pytest.skip(f"{name} is not installed")
    return program
