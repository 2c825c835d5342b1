"""The part of the writer's queue that lies in a file: older than what lies in memory, newer than what is stored."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import structlog

from gateway.store.spill import SpillFile, SpillFolder
from gateway.store.submission import Limits, Submission

log = structlog.get_logger()

Result = TypeVar("Result")


class Overflow:
    """The file of this process, worked on in one thread and nowhere else. Without a folder it holds nothing."""

    def __init__(self, folder: SpillFolder | None) -> None:
        """The file is created when it is needed."""
        self._folder = folder
        self._file: SpillFile | None = None
        self._thread = ThreadPoolExecutor(1, "spill")  # one: what is asked for later happens later
        self._last_number = 0
        self._cleared = 0
        self._is_closed = False

    @property
    def is_usable(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    @property
    def last_number(self) -> int:
        """The number of the newest submission that is in the file, or was."""
        return self._last_number

    @property
    def waiting_bytes(self) -> int:
        """What lies in the file and has not been stored, to within a batch."""
        return self._file.waiting_bytes if self._file else 0

    async def append(self, submissions: Sequence[Submission]) -> None:
        """Adds submissions; they are safe on return.

        Raises:
            OSError: There is no room. Nothing has changed.
        """
        if self._folder and submissions:
            self._last_number = await self._run(partial(self._append, self._folder, submissions))

    async def read(self, after: int, limits: Limits) -> list[Submission]:
        """The oldest submissions after a number, within the limits; none if the file cannot be read."""
        try:
            return await self._run(partial(self._read, after, limits))
        except OSError as error:
            log.error("the spill file cannot be read", error=error.strerror)  # noqa: TRY400
            return []

    async def clear(self, through: int) -> None:
        """Empties the file, unless there are submissions after a number; if that fails, the next `append` does it."""
        if self._cleared < self._last_number <= through:
            self._cleared = self._last_number
            try:
                await self._run(partial(self._clear, through))
            except OSError as error:
                log.warning("the spill file cannot be emptied", error=error.strerror)

    async def orphans(self, limits: Limits) -> AsyncGenerator[list[Submission], None]:
        """What dead processes have left, file by file; a file is removed once everything in it has been taken.

        Raises:
            OSError: The folder or a file cannot be read.
        """
        taken = self._folder.take_orphans() if self._folder else iter(())
        while file := await self._run(partial(next, taken, None)):
            log.info("storing what another process has left", record_count=file.last_number)
            done = 0
            try:
                while batch := await self._run(partial(file.read, done, limits)):
                    yield batch
                    done = batch[-1].number
            finally:
                await self._run(partial(file.close, remove=done == file.last_number))

    async def aclose(self, done: int) -> None:
        """Ends the work; the file stays if there are submissions after a number."""
        if not self._is_closed:
            self._is_closed, self._folder = True, None
            await self._run(partial(self._close, done))
            self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _append(self, folder: SpillFolder, submissions: Sequence[Submission]) -> int:
        if self._file is None:
            self._file = folder.create()
        self._file.append(submissions)
        return self._file.last_number

    def _read(self, after: int, limits: Limits) -> list[Submission]:
        return self._file.read(after, limits) if self._file else []

    def _clear(self, through: int) -> None:
        if self._file:
            self._file.clear(through)

    def _close(self, done: int) -> None:
        if self._file:
            self._file.close(remove=self._file.last_number <= done)
            self._file = None
