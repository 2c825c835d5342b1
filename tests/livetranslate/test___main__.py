import signal
import subprocess
import sys

ALONE = """
import sys
sys.modules["typer"] = None  # as if it were not installed
sys.argv = ["livetranslate", "--help"]
from livetranslate.__main__ import main
main()
"""

INTERRUPTED = """
import signal, sys
class Finder:
    def find_spec(self, name, path, target=None):
        if name == "typer":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.default_int_handler)
from livetranslate.__main__ import main
main()
"""


def test_without_its_packages_the_command_says_what_to_install() -> None:
    """Whoever installed the SDK alone is told how to get the command."""
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install 'livetranslate[server]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_ctrl_c_while_packages_load() -> None:
    """A Ctrl-C before there is anything to finish ends the process, without a word."""
    run = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (-signal.SIGINT, "")


def test_the_module_is_the_command() -> None:
    """`python -m livetranslate` does what `livetranslate` does."""
    run = subprocess.run([sys.executable, "-m", "livetranslate", "--help"], capture_output=True, text=True, check=True)
    assert "translate" in run.stdout
