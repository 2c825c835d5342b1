import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from livetranslate.stack.process import Process, StackError

TIMEOUT_SECONDS = 10.0
PARENT = """
import os, sys, pathlib
from livetranslate.stack.process import Process
argv = ["sh", "-c", "echo ready; exec sleep 60"]
child = Process.start("child", argv, env=os.environ, log_path=pathlib.Path(sys.argv[1]))
while not child.last_lines(1):  # before its program runs, the kernel does not know that it dies with its parent
    assert child.poll() is None
print(child.pid, flush=True)
sys.stdin.read()
"""


def start(tmp_path: Path, script: str) -> Process:
    return Process.start("child", ["sh", "-c", script], env=os.environ, log_path=tmp_path / "logs" / "child.log")


def wait_for_end(pid: int) -> None:
    """Waits until a process that may be nobody's child has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(descriptor) as end:
        assert select.select([end], [], [], TIMEOUT_SECONDS)[0], "the process is still there"


def test_its_output_goes_to_its_log(tmp_path: Path) -> None:
    """Both streams are there; the last lines can be read."""
    child = start(tmp_path, "echo one; echo two >&2; echo three")
    wait_for_end(child.pid)
    assert child.stop(TIMEOUT_SECONDS) == 0
    assert child.last_lines(2) == ["two", "three"]


def test_it_has_the_given_environment_alone(tmp_path: Path) -> None:
    """Nothing of the parent's environment gets through by itself."""
    child = Process.start("child", ["/usr/bin/env"], env={"ONLY": "this"}, log_path=tmp_path / "child.log")
    wait_for_end(child.pid)
    child.stop(TIMEOUT_SECONDS)
    assert child.last_lines(5) == ["ONLY=this"]


def test_stopping_asks_first(tmp_path: Path) -> None:
    """A process that ends by itself on SIGTERM says how it ended."""
    child = start(tmp_path, "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")
    while not child.last_lines(1):
        assert child.poll() is None
    assert child.stop(TIMEOUT_SECONDS) == 7


def test_stopping_ends_the_whole_group(tmp_path: Path) -> None:
    """Neither a process that ignores SIGTERM nor what it started survives."""
    child = start(tmp_path, "trap '' TERM; sleep 60 & echo $!; wait; sleep 60")
    while not child.last_lines(1):
        assert child.poll() is None
    grandchild = int(child.last_lines(1)[0])
    assert child.stop(0.1) == -signal.SIGKILL
    wait_for_end(grandchild)


def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    """A parent that gets no chance to stop its children leaves none."""
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_with_project()) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    wait_for_end(child)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """The error says what cannot be started."""
    with pytest.raises(StackError, match="/no/such/program"):
        Process.start("child", ["/no/such/program"], env=os.environ, log_path=tmp_path / "child.log")


@pytest.mark.parametrize("count", [0, 1, 5])
def test_no_more_lines_are_read_than_asked_for(tmp_path: Path, count: int) -> None:
    """A short log is read whole."""
    child = start(tmp_path, "echo one; echo two")
    wait_for_end(child.pid)
    child.stop(TIMEOUT_SECONDS)
    assert child.last_lines(count) == ["one", "two"][2 - min(count, 2) :]


def _with_project() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
