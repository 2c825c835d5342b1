"""A folder of files for what neither the database nor the memory takes.

A process appends to one file of its own and holds a lock on it while it lives. The lock of a dead process's file is
free: whoever starts next takes such files and stores what is in them. Everything here blocks; call it in a thread.
"""

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import structlog

from gateway.store.frames import HEADER_BYTES, Header, decode, encode
from gateway.store.submission import Limits, Submission, within

log = structlog.get_logger()

MAX_FILE_BYTES = 1 << 30  # an hour's outage for a hundred people talking into three languages, audio not stored
_SUFFIX = ".spill"
_UNLOCKED = ".new"  # nobody takes a file of this name: its lock is still to come

_OPENING = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW


class SpillFolder:
    """The files of all gateways that share the folder."""

    def __init__(self, path: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        """Nothing is created before it is needed."""
        self._path = path
        self._max_file_bytes = max_file_bytes

    def create(self) -> "SpillFile":
        """A file of our own.

        Raises:
            OSError: There is no room, or no right to, or others can reach into the folder.
        """
        self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_owner(self._path)
        name = self._path / secrets.token_hex(8)
        descriptor = os.open(name.with_suffix(_UNLOCKED), _OPENING | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        path = name.with_suffix(_UNLOCKED).rename(name.with_suffix(_SUFFIX))
        _sync_folder(self._path)
        return SpillFile(path, descriptor, self._max_file_bytes)

    def take_orphans(self) -> Iterator["SpillFile"]:
        """The files whose processes are dead, one by one, oldest first; each is locked when it comes.

        Raises:
            OSError: One cannot be read, or others can reach into the folder.
        """
        with suppress(FileNotFoundError):
            _check_owner(self._path)
        for path in sorted(self._path.glob(f"*{_SUFFIX}"), key=_modified):
            if file := self._take(path):
                yield file

    def _take(self, path: Path) -> "SpillFile | None":
        with suppress(FileNotFoundError):
            descriptor = os.open(path, _OPENING)
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists():  # it may have been stored and removed before the lock was ours
                    return SpillFile.taken(path, descriptor, self._max_file_bytes)
            os.close(descriptor)
        return None


class SpillFile:
    """Submissions in a file, oldest first. Its lock is held until it is closed."""

    def __init__(self, path: Path, descriptor: int, max_bytes: int) -> None:
        """Used by `SpillFolder`."""
        self._path = path
        self._descriptor = descriptor
        self._max_bytes = max_bytes
        self._end = 0  # of what is whole
        self._last_number = 0  # of the submission before the end
        self._start = 0  # of what has not been stored
        self._start_number = 0  # of the submission before the start

    @classmethod
    def taken(cls, path: Path, descriptor: int, max_bytes: int) -> Self:
        """A dead process's file: a tail that was not written to its end, or is damaged, is cut off."""
        file = cls(path, descriptor, max_bytes)
        for offset, header, _ in file._frames(os.fstat(descriptor).st_size):
            file._end = offset + HEADER_BYTES + header.length
            file._last_number += header.record_count
        if surplus := file._cut():
            log.warning("the end of a spill file was not whole and is cut off", file=path.name, size_bytes=surplus)
        return file

    @property
    def last_number(self) -> int:
        """That of the newest submission in it."""
        return self._last_number

    @property
    def waiting_bytes(self) -> int:
        """What of it has not been stored, as far as it was read."""
        return self._end - self._start

    def append(self, submissions: Iterable[Submission]) -> None:
        """Add submissions, safe from a crash on return. Those that are in it already are passed over.

        Raises:
            OSError: There is no room; none of them is in it.
        """
        new = [submission for submission in submissions if submission.number > self._last_number]
        if not new:
            return
        before = new[0].number - len(new[0].records)
        if self._end == 0 or before > self._last_number:  # whatever is missing here is stored, and what is before it
            self._reset(before)
        self._cut()  # what a failure has left
        end = self._end
        try:
            for submission in new:
                end += self._write(encode(submission), end)
            os.fdatasync(self._descriptor)
        except OSError:
            with suppress(OSError):
                self._cut()
            raise
        self._end, self._last_number = end, new[-1].number

    def read(self, after: int, limits: Limits) -> list[Submission]:
        """The oldest submissions after a number, within the limits; what is before them is not read again."""
        return within(self._read(after), limits)

    def clear(self, through: int) -> None:
        """Empty the file, unless there are submissions after a number."""
        if self._last_number <= through:
            self._reset(self._last_number)

    def close(self, *, remove: bool) -> None:
        """Give up the lock. A file that stays is stored by the next process that starts."""
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _read(self, after: int) -> Iterator[Submission]:
        number = self._start_number
        for offset, header, content in self._frames(self._end, self._start):
            number += header.record_count
            if number <= after:
                self._start, self._start_number = offset + HEADER_BYTES + header.length, number
                continue
            try:
                yield decode(content, number)
            except ValueError:
                log.exception("a spill file is not of this version", file=self._path.name)
                return  # what comes later must not be stored without this

    def _frames(self, end: int, start: int = 0) -> Iterator[tuple[int, Header, bytes]]:
        """The frames between two offsets, up to the first that is not whole."""
        offset = start
        while header := Header.of(os.pread(self._descriptor, HEADER_BYTES, offset)):
            if offset + HEADER_BYTES + header.length > end:
                return
            content = os.pread(self._descriptor, header.length, offset + HEADER_BYTES)
            if not header.fits(content):
                return
            yield offset, header, content
            offset += HEADER_BYTES + header.length

    def _write(self, frame: bytes, offset: int) -> int:
        if offset + len(frame) > self._max_bytes:
            raise OSError(errno.ENOSPC, "the spill file has reached its size")
        written = 0
        while written < len(frame):
            written += os.pwrite(self._descriptor, frame[written:], offset + written)
        return written

    def _reset(self, number: int) -> None:
        self._end = self._start = 0
        self._last_number = self._start_number = number
        self._cut()

    def _cut(self) -> int:
        """Remove what lies behind the end; returns how many bytes that was."""
        surplus = os.fstat(self._descriptor).st_size - self._end
        if surplus:
            os.ftruncate(self._descriptor, self._end)
        return surplus


def _modified(path: Path) -> float:
    with suppress(FileNotFoundError):  # stored and removed by another process
        return path.stat().st_mtime
    return 0.0


def _check_owner(path: Path) -> None:
    """Refuse a folder that others may have put something into: it can lie among everybody's temporary files."""
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise PermissionError(
            errno.EACCES,
            "the spill folder must be a folder of the gateway's user that nobody else may enter: "
            "chown and chmod 700 it, or set LIVETRANSLATE_GATEWAY_SPILL_DIR to another",
            str(path),
        )


def _sync_folder(path: Path) -> None:
    """Make a new name last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
