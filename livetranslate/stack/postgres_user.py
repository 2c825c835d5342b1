"""The user that PostgreSQL runs as where we are root, which it refuses to be.

That user must reach the programs and the data. Folders on the way are opened for passing through, never for listing,
and a home folder is never opened: programs below one are copied, data below one is refused.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from livetranslate.stack.process import StackError

_USER = "pgserver"


def needs_user() -> bool:
    """Whether we are root, so that another user is needed."""
    return os.geteuid() == 0


def as_user(argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` as the user, and interrupts it when the process that started it dies.

    An interrupt is PostgreSQL's fast shutdown; SIGTERM would wait for its clients to leave.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if needs_user():
            raise StackError("PostgreSQL cannot run as root, and setpriv is missing: install util-linux")
        return list(argv)
    user = [f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups"] if needs_user() else []
    return [setpriv, *user, "--pdeathsig=INT", "--", *argv]


def create_user() -> pwd.struct_passwd:
    """The user, created where it does not exist yet."""
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        argv = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER]
    try:
        subprocess.run(argv, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", "") or error
        raise StackError(
            f"PostgreSQL cannot run as root, and its user {_USER!r} cannot be created: {detail}"
        ) from error
    return pwd.getpwnam(_USER)


def give_folder(folder: Path) -> None:
    """Makes `folder` the user's own, creating it if needed.

    Raises:
        StackError: The folder lies below a private home folder.
    """
    user = create_user()
    closed = _closed_parents(folder)
    homes = _homes()
    for parent in closed:
        if parent in homes:
            raise StackError(
                f"PostgreSQL cannot run as root, and its user {_USER!r} cannot reach {folder}, because {parent} is a "
                "private home folder: choose a data folder outside it, e.g. /var/lib/livetranslate"
            )
    for parent in closed:
        parent.chmod(parent.stat().st_mode | 0o011)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, user.pw_uid, user.pw_gid)


def reachable_copy(programs: Path, libraries: Path, copies: Path) -> Path:
    """The folder to run `programs` from: itself where the user can reach it, else a copy with its `libraries`.

    Args:
        programs: A folder whose programs look for `libraries` two folders up.
        libraries: The shared libraries.
        copies: Where a copy goes; it is made once.
    """
    if not _closed_parents(programs):
        return programs
    copy = copies / programs.parent.name / programs.name
    if not copy.exists():
        unfinished = copies.with_name(f"{copies.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(programs, unfinished / programs.parent.name / programs.name)
        shutil.copytree(libraries, unfinished / libraries.name)
        unfinished.rename(copies)
    return copy


def _closed_parents(path: Path) -> list[Path]:
    """The folders above `path` that others may not pass through."""
    return [parent for parent in path.absolute().parents if parent.exists() and not parent.stat().st_mode & 0o001]


def _homes() -> set[Path]:
    return {Path.home(), *(Path(entry.pw_dir) for entry in pwd.getpwall())}
