"""Several processes of one service behind one port, a core for each: the kernel spreads connections over them.

The first process only looks after the others: it passes signals on to them and starts those again that have died.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Iterator, Mapping, Sequence

import structlog

from livetranslate.settings import ServiceSettings, variable_of
from livetranslate.stack.process import dies_with_parent

log = structlog.get_logger()

START_SECONDS = 5.0  # one that ends sooner cannot run, and has said why
PAUSE_SECONDS = 1.0  # before one that has died is started again


class ProcessGroup:
    """Processes that run the same program in environments of their own."""

    def __init__(
        self,
        argv: Sequence[str],
        environments: Sequence[Mapping[str, str]],
        start_seconds: float = START_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        """Start nothing yet."""
        self._argv = argv
        self._environments = environments
        self._start_seconds = start_seconds
        self._pause_seconds = pause_seconds
        self._running: set[Process] = set()
        self._is_stopping = False
        self._status = 0

    async def run(self) -> int:
        """Keep all of them running until SIGTERM or SIGINT, or until one cannot be started; returns the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, number)
        async with asyncio.TaskGroup() as tasks:
            for environment in self._environments:
                tasks.create_task(self._keep_running(environment))
        return self._status

    async def _keep_running(self, environment: Mapping[str, str]) -> None:
        has_run = False
        while not self._is_stopping:
            status, seconds = await self._run_once(environment)
            has_run = has_run or seconds >= self._start_seconds
            if not has_run and not self._is_stopping:
                self._status = status if status > 0 else 1
                self._stop(signal.SIGTERM)
            elif not self._is_stopping:
                log.warning("process ended", status=status)
                await asyncio.sleep(self._pause_seconds)

    async def _run_once(self, environment: Mapping[str, str]) -> tuple[int, float]:
        """The exit status of a process, negative for a signal, and how many seconds it has run."""
        clock = asyncio.get_running_loop().time
        began = clock()
        process = await asyncio.create_subprocess_exec(
            *dies_with_parent(),
            *self._argv,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the first process alone, which passes it on
        )
        self._running.add(process)
        if self._is_stopping:  # since before it was known here
            process.send_signal(signal.SIGTERM)
        status = await process.wait()
        self._running.discard(process)
        return status, clock() - began

    def _stop(self, number: signal.Signals) -> None:
        self._is_stopping = True
        for process in self._running:
            process.send_signal(number)


def run_processes(settings: ServiceSettings) -> int:
    """Run the program that runs now in as many processes as its settings say; returns the exit status."""
    argv = [sys.executable, *sys.orig_argv[1:]]
    return asyncio.run(ProcessGroup(argv, list(_environments(settings))).run())


def _environments(settings: ServiceSettings) -> Iterator[Mapping[str, str]]:
    """The environment of each process: they share the port, and each has a port of its own for metrics."""
    kind = type(settings)
    for number in range(settings.process_count):
        own = {variable_of(kind, "processes"): "1", variable_of(kind, "shares_port"): "true"}
        if settings.metrics_listen is not None:
            own[variable_of(kind, "metrics_listen")] = _following(settings.metrics_listen, number)
        yield {**os.environ, **own}


def _following(address: str, number: int) -> str:
    """The address so many ports further on; any free port stays any."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + number}" if int(port) else address
