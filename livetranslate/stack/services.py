"""The services as child processes."""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from livetranslate.stack.process import Process, StackError

_MODULES = {"keeper": "livetranslate.keeper"}  # the others are packages of their own name
_POLL_SECONDS = 0.05
_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Service:
    """A service that was started, and where it listens."""

    process: Process
    address: str

    @property
    def name(self) -> str:
        """Which one it is: gateway, asr, mt, tts or keeper."""
        return self.process.name


def start_service(name: str, address: str, *, env: Mapping[str, str], log_folder: Path) -> Service:
    """Start a service by its name; it may take a while until it serves.

    Raises:
        StackError: It cannot be started.
    """
    listen = {f"LIVETRANSLATE_{name.upper()}_LISTEN": address}
    argv = [sys.executable, "-m", _MODULES.get(name, name)]
    return Service(Process.start(name, argv, env={**env, **listen}, log_path=log_folder / f"{name}.log"), address)


def wait_until_serving(service: Service, timeout_seconds: float) -> None:
    """Wait until a service reports that it serves.

    Raises:
        StackError: It ended, or takes too long; with its last log lines.
    """
    deadline = time.monotonic() + timeout_seconds
    with grpc.insecure_channel(service.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        while not _is_serving(health):
            if (status := service.process.poll()) is not None:
                raise StackError(failure(service.process, f"ended with status {status} before it was ready"))
            if time.monotonic() > deadline:
                raise StackError(failure(service.process, f"was not ready within {timeout_seconds:g} s"))
            time.sleep(_POLL_SECONDS)


def failure(process: Process, what: str) -> str:
    """What happened to a part, the end of its log, and what to do."""
    lines = "\n".join(f"  {line}" for line in process.last_lines(_LAST_LINES))
    return f"{process.name} {what}. Its log is {process.log_path}; it ends with:\n{lines}\nRun `livetranslate doctor`."


def _is_serving(health: health_pb2_grpc.HealthStub) -> bool:
    try:
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=1)
    except grpc.RpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
