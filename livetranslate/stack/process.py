"""A child process that is stopped with everything it started.

Synchronous: whoever starts parts of the stack does nothing else meanwhile.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

POLL_INTERVAL_SECONDS = 0.01
KILL_TIMEOUT_SECONDS = 2.0  # the kernel takes milliseconds; longer only where nobody waits for orphans


class StackError(Exception):
    """A part of the stack cannot be started; the message says which, and what to do."""


@dataclass(frozen=True)
class Process:
    """A running child, leader of its own process group."""

    name: str
    log_path: Path
    _popen: subprocess.Popen[bytes]

    @classmethod
    def start(cls, name: str, argv: Sequence[str], *, env: Mapping[str, str], log_path: Path) -> Self:
        """Starts `argv` with exactly the environment `env`, its output going to `log_path`.

        Start children from the main thread: the kernel takes the end of the thread that started a child for the
        parent's death.

        Raises:
            StackError: There is no such program.
        """
        program = shutil.which(argv[0], path=env.get("PATH"))
        if program is None:
            raise StackError(f"{name} cannot be started: there is no program {argv[0]}")
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("wb") as log:
            popen = subprocess.Popen(
                [*dies_with_parent(), program, *argv[1:]],
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the parent alone, which stops its children in order
            )
        return cls(name, log_path, popen)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def poll(self) -> int | None:
        """The exit status (negative: the signal that ended it), or None while it runs."""
        return self._popen.poll()

    def stop(self, grace_seconds: float) -> int:
        """Asks the process to end, then ends it and its whole group. Returns its exit status."""
        if self.poll() is None:
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace_seconds)
        self._kill_group()
        return self._popen.wait()

    def _kill_group(self) -> None:
        """Kills what is left of the group and waits for its end, of which nobody tells: these are not our children."""
        deadline = time.monotonic() + KILL_TIMEOUT_SECONDS
        with contextlib.suppress(ProcessLookupError):  # nothing of the group is left
            while time.monotonic() < deadline:
                os.killpg(self.pid, signal.SIGKILL)
                self.poll()  # a dead leader that nobody has waited for still counts as one of the group
                time.sleep(POLL_INTERVAL_SECONDS)

    def last_lines(self, count: int) -> list[str]:
        """The last lines that the process wrote."""
        with self.log_path.open(encoding="utf-8", errors="replace") as log:
            return [line.rstrip("\n") for line in deque(log, maxlen=count)]


def dies_with_parent() -> list[str]:
    """The prefix that makes the kernel end a child whose parent was killed without a chance to stop it.

    `setpriv` belongs to every Linux's util-linux. Unlike a `preexec_fn` it is safe beside other threads.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
