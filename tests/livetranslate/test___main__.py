import subprocess
import sys

ALONE = """
import sys
sys.modules["typer"] = None  # as if it were not installed
sys.argv = ["livetranslate", "--help"]
from livetranslate.__main__ import main
main()
"""


def test_without_its_packages_the_command_says_what_to_install() -> None:
    """Whoever installed the SDK alone is told how to get the command."""
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install 'livetranslate[server]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_the_module_is_the_command() -> None:
    """`python -m livetranslate` does what `livetranslate` does."""
    run = subprocess.run([sys.executable, "-m", "livetranslate", "--help"], capture_output=True, text=True, check=True)
    assert "translate" in run.stdout
