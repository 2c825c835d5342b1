"""A running Apertium pipeline: the programs of one mode, kept alive between texts."""

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Sequence

READ_BYTES = 65_536  # a pipe's capacity: all that can be there at once
# What ends a text and its answer: an empty superblank, which completes a last word without a full stop, and the NUL
# that makes each program flush. The NUL alone would not do: a program also writes one when that before it dies.
TEXT_END = b"[]\n\0"


class PipelineTimeoutError(Exception):
    """The pipeline did not answer in time; `answers` came before."""

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__("the pipeline did not answer in time")
        self.answers = answers


class PipelineDiedError(Exception):
    """A program of the pipeline ended; `answers` came before."""

    def __init__(self, answers: list[bytes]) -> None:
        super().__init__("a program of the pipeline ended")
        self.answers = answers


class Pipeline:
    """The processes of one pipeline, each reading what the one before writes."""

    def __init__(self, programs: Sequence[Sequence[str]]) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        source: int = subprocess.PIPE
        try:
            for program in programs:
                self.processes.append(
                    subprocess.Popen(program, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                )
                source = self.processes[-1].stdout.fileno()
        except OSError:
            self.stop()
            raise
        for process in self.processes[:-1]:  # the next one has it; kept open here, its end would go unnoticed
            process.stdout.close()
        self._input = self.processes[0].stdin.fileno()
        self._output = self.processes[-1].stdout.fileno()
        os.set_blocking(self._input, False)

    def exchange(self, texts: Sequence[bytes], timeout_seconds: float) -> list[bytes]:
        """Sends texts in Apertium's stream format and returns the answer to each.

        All are sent at once, so that every program has work; reading goes on meanwhile, so that no pipe fills up.

        Raises:
            PipelineTimeoutError: No answer for `timeout_seconds`. The pipeline is of no further use.
            PipelineDiedError: A program ended. The pipeline is of no further use.
        """
        unsent, received = memoryview(b"".join(text + TEXT_END for text in texts)), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._output, selectors.EVENT_READ)
            selector.register(self._input, selectors.EVENT_WRITE)
            deadline = time.monotonic() + timeout_seconds
            while received.count(TEXT_END) < len(texts):
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise PipelineTimeoutError(_complete(received))
                for key, _ in ready:
                    if key.fd == self._output:
                        received += self._read(received)
                        deadline = time.monotonic() + timeout_seconds
                    else:
                        unsent = unsent[self._write(unsent, received) :]
                        if not unsent:
                            selector.unregister(self._input)
        return _complete(received)

    def stop(self) -> None:
        """Ends all programs and waits for them, so that none is left behind."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()

    def _read(self, received: bytearray) -> bytes:
        read = os.read(self._output, READ_BYTES)
        if not read:
            raise PipelineDiedError(_complete(received))
        return read

    def _write(self, unsent: memoryview, received: bytearray) -> int:
        try:
            return os.write(self._input, unsent)
        except BrokenPipeError as error:
            raise PipelineDiedError(_complete(received)) from error


def _complete(received: bytearray) -> list[bytes]:
    """The answers that have their end."""
    return bytes(received).split(TEXT_END)[:-1]
