import os
import socket
from pathlib import Path

import pytest

from livetranslate.stack.process import StackError
from livetranslate.stack.triton import TritonOptions, start_triton

MODEL = """
class TritonPythonModel:
    def initialize(self, args):
        raise RuntimeError("this engine does not start")
"""
CONFIG = """
backend: "python"
max_batch_size: 1
input [ { name: "TEXT" data_type: TYPE_STRING dims: [ 1 ] } ]
output [ { name: "TRANSLATION" data_type: TYPE_STRING dims: [ 1 ] } ]
instance_group [ { count: 1 kind: KIND_CPU } ]
parameters { key: "profile" value { string_value: "embedded" } }
"""


@pytest.fixture
def broken_repository(tmp_path: Path) -> Path:
    """A repository of one model that fails to start."""
    version = tmp_path / "repository" / "mt_broken" / "1"
    version.mkdir(parents=True)
    (version / "model.py").write_text(MODEL)
    (version.parent / "config.pbtxt").write_text(CONFIG)
    return tmp_path / "repository"


def processes_below(folder: Path) -> list[str]:
    """The command lines of processes that were started with something in `folder`."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # it ended meanwhile
            continue
    return [line for line in lines if str(folder) in line]


def test_a_model_that_fails_stops_everything_and_says_why(broken_repository: Path, tmp_path: Path) -> None:
    """The error carries the engine's own words and the log; no process stays behind."""
    work = tmp_path / "work"
    with pytest.raises(StackError, match="triton ended with status") as caught:
        start_triton(TritonOptions(model_repository=broken_repository), work)
    assert "triton.log" in str(caught.value)
    assert "this engine does not start" in str(caught.value)
    assert processes_below(work) == []


def test_a_profile_without_a_model_is_refused(broken_repository: Path, tmp_path: Path) -> None:
    """The error names the profile and the folder."""
    with pytest.raises(StackError, match=r"'gpu'.*repository"):
        start_triton(TritonOptions(model_repository=broken_repository, profile="gpu"), tmp_path / "work")


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """Triton's own words about the port are in the error."""
    models = Path(__file__).parents[3] / "bench" / "models"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match=str(port)):
            start_triton(TritonOptions(model_repository=models, profile="null", grpc_port=port), tmp_path / "work")
    assert processes_below(tmp_path) == []
    assert os.path.lexists(tmp_path / "work" / "triton.log")
