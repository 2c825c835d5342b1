"""Small disks of their own for spill files, to be filled up."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

SIZE_BYTES = 4 * 1024 * 1024
_FILLER = "filler"
_BLOCK = bytes(4096)


class Disk:
    """A folder with a file system of its own, or with the room of its parent where none may be mounted."""

    def __init__(self, folder: Path, *, can_be_full: bool) -> None:
        """Used by `mounted_disk`."""
        self.folder = folder
        self.can_be_full = can_be_full

    def fill(self) -> None:
        """Take all the room that is left."""
        if not self.can_be_full:
            raise RuntimeError(f"{self.folder} has no file system of its own")
        with (self.folder / _FILLER).open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(_BLOCK)
            except OSError:  # full, which was the aim
                return

    def free(self) -> None:
        """Give the room back."""
        (self.folder / _FILLER).unlink(missing_ok=True)


@contextmanager
def mounted_disk(folder: Path) -> Iterator[Disk]:
    """A disk at `folder` while the block runs: a small tmpfs where we may mount one."""
    folder.mkdir(parents=True, mode=0o700)
    with ExitStack() as stack:
        can_be_full = _mount(folder)
        if can_be_full:
            stack.callback(_run, "umount", "--lazy", str(folder))
        yield Disk(folder, can_be_full=can_be_full)


def _mount(folder: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    return _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES},mode=0700", "tmpfs", str(folder))


def _run(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False).returncode == 0
