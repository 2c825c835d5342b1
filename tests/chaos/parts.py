"""The processes of a cluster, each to be killed and started again, stopped in its tracks and let go."""

import contextlib
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from livetranslate.stack.postgres import Postgres
from livetranslate.stack.process import Process
from livetranslate.stack.services import Service, start_service, wait_until_serving
from livetranslate.stack.triton import Triton, TritonOptions, start_triton

READY_SECONDS = 60.0

Moved = Callable[[str], None]
"""Is told where a part that was started listens now."""


class Part(ABC):
    """One process of the cluster, with what it has started. Each of its lives has a folder for its log."""

    def __init__(self, name: str, folder: Path) -> None:
        """Begin without a process; `name` is a role and a number, "asr-2", or a role alone."""
        self.name = name
        self.role = name.partition("-")[0]
        self._folder = folder / name
        self._lives = 0
        self._running: Process | Triton | Postgres | None = None

    @abstractmethod
    def launch(self) -> None:
        """Start the process; it may take a while until it serves."""

    @abstractmethod
    def wait_until_ready(self) -> None:
        """Wait until it serves."""

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status of a process that nobody has killed, or None while it runs."""
        return self._running.poll() if self._running is not None else None

    def kill(self) -> None:
        """End the process with all it has started, without a chance to say goodbye."""
        if self._running is None:
            return
        family = self._family()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=5)
        self._running.poll()
        self._running = None

    def freeze(self) -> None:
        """Stop the process in its tracks: it keeps its connections and does nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _family(self) -> list[psutil.Process]:
        try:
            process = psutil.Process(self.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _next_folder(self) -> Path:
        self._lives += 1
        folder = self._folder / f"{self._lives:02}"
        folder.mkdir(parents=True)
        return folder


class ServicePart(Part):
    """A replica of one of the four services."""

    def __init__(self, name: str, folder: Path, address: str, env: Mapping[str, str]) -> None:
        """A service that listens at `address`."""
        super().__init__(name, folder)
        self.address = address
        self._env = env
        self._service: Service | None = None

    def launch(self) -> None:
        self._service = start_service(self.role, self.address, env=self._env, log_folder=self._next_folder())
        self._running = self._service.process

    def wait_until_ready(self) -> None:
        assert self._service is not None
        wait_until_serving(self._service, READY_SECONDS)

    def move(self, address: str) -> Service:
        """Start the next process beside the one that runs, at another address; returns the old one once it serves."""
        assert self._service is not None
        old, self.address = self._service, address
        self.launch()
        self.wait_until_ready()
        return old


class TritonPart(Part):
    """The Triton of the cluster."""

    def __init__(self, folder: Path, options: TritonOptions, moved: Moved) -> None:
        """A Triton that serves what `options` say, on other ports in each of its lives."""
        super().__init__("triton", folder)
        self._options = options
        self._moved = moved

    def launch(self) -> None:
        triton = start_triton(self._options, self._next_folder())
        self._running = triton
        self._moved(triton.grpc_address)

    def wait_until_ready(self) -> None:
        """It is, once it is launched."""


class PostgresPart(Part):
    """The PostgreSQL of the cluster; its data outlives its lives."""

    def __init__(self, folder: Path, moved: Moved) -> None:
        """A server with its data below `folder`."""
        super().__init__("postgres", folder)
        self._moved = moved
        self.url = ""

    def launch(self) -> None:
        postgres = Postgres.start(self._folder.with_name("data"), self._next_folder() / "postgres.log")
        self._running = postgres
        self.url = postgres.url
        self._moved(str(postgres.socket_folder / ".s.PGSQL.5432"))

    def wait_until_ready(self) -> None:
        """It is, once it is launched."""


def own_environment() -> dict[str, str]:
    """The environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LIVETRANSLATE_", "OTEL_"))}
