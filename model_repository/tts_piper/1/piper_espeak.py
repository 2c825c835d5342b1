"""eSpeak NG in processes of its own (see `espeak_process`), started when needed and again when they fail."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, LifoQueue

PROGRAM = (sys.executable or "python3", str(Path(__file__).with_name("espeak_process.py")))
START_SECONDS = 15.0  # it takes 0.1 s; a machine that is starting everything at once takes longer
ANSWER_SECONDS = 3.0  # for one sentence; the longest takes 5 ms
ANSWER_BYTES = 1 << 20  # a sentence's phonemes are some hundred bytes; more is no answer
READ_BYTES = 65_536
ATTEMPTS = 2  # a process that was killed from outside is no fault of the text

Clause = tuple[str, str]
"""Phonemes, and the text read for them."""


class EspeakError(Exception):
    """eSpeak NG cannot write a text as phonemes; the message says why."""


class EspeakAwayError(EspeakError):
    """eSpeak NG cannot be run now."""


class EspeakPool:
    """Processes that wait for a text; there are as many as texts have been written at the same time."""

    def __init__(self, program: Sequence[str] = PROGRAM, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._program = program
        self._answer_seconds = answer_seconds
        # The last one used is the first used again. Bounded by the number of threads that ask.
        self._idle: LifoQueue[EspeakProcess] = LifoQueue()

    def clauses(self, voice: str, text: str) -> list[Clause]:
        """The clauses of a text.

        Raises:
            EspeakAwayError: There is no eSpeak NG.
            EspeakError: There is no such voice, or no answer.
        """
        for _ in range(ATTEMPTS):
            process = self._take()
            try:
                answer = process.ask({"voice": voice, "text": text}, self._answer_seconds)
                problem, clauses = answer.get("error"), _clauses(answer)
            except TimeoutError:
                process.stop()
                raise EspeakError("eSpeak NG does not answer on this text") from None
            except (OSError, ValueError, TypeError):
                process.stop()  # it died, or answers nonsense; the others may have died of the same
                self.stop()
                continue
            self._idle.put(process)
            if problem:
                raise EspeakError(str(problem))
            return clauses
        raise EspeakError("eSpeak NG fails on this text")

    def stop(self) -> None:
        """End the processes that wait, and wait for their end."""
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().stop()

    def _take(self) -> "EspeakProcess":
        try:
            return self._idle.get_nowait()
        except Empty:
            return EspeakProcess(self._program)


class EspeakProcess:
    """One process; it answers one text at a time."""

    def __init__(self, program: Sequence[str]) -> None:
        """Start the process and wait until it is ready.

        Raises:
            EspeakAwayError: It does not start, or says what it lacks.
        """
        try:
            self._process = subprocess.Popen(
                program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as error:
            raise EspeakAwayError(f"the process of eSpeak NG does not start: {error}") from error
        try:
            problem = self._answer(START_SECONDS).get("error")
        except (OSError, ValueError, TypeError) as error:
            problem = f"the process of eSpeak NG does not start: {error}"
        if problem:
            self.stop()
            raise EspeakAwayError(str(problem))

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, question: dict[str, str], timeout_seconds: float) -> dict[str, object]:
        """The answer to a question, which is shorter than a pipe's capacity, so that writing it never waits.

        Raises:
            TimeoutError: None came in time; like after the others, the process is of no further use.
            OSError: The process ended.
            ValueError, TypeError: It answers nonsense.
        """
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        return self._answer(timeout_seconds)

    def stop(self) -> None:
        """End the process and wait for it, so that nothing of it is left."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def _answer(self, timeout_seconds: float) -> dict[str, object]:
        deadline = time.monotonic() + timeout_seconds
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError("no answer in time")
                read = os.read(self._process.stdout.fileno(), READ_BYTES)
                if not read:
                    raise BrokenPipeError("it ended")
                received += read
                if len(received) > ANSWER_BYTES:
                    raise ValueError("it writes without end")
        answer = json.loads(received)
        if not isinstance(answer, dict):
            raise TypeError("it answers nonsense")
        return answer


def _clauses(answer: dict[str, object]) -> list[Clause]:
    return [(str(phonemes), str(text)) for phonemes, text in answer.get("clauses", ())]
